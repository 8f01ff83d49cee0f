/// Hong Kong Exchanges (securities market), local time of Asia/Hong_Kong. Line format: ``CalendarTable``.
enum XHKG {
    static let calendar = ExchangeCalendar.embedded(
        "XHKG",
        #"""
        # Source: exchange_calendars 4.13.2 (Apache-2.0); holiday names from holidays 0.109 (MIT).
        # - lunch break changed twice: see regular; exchange_calendars has 12:00-13:00 for all years, corrected here
        #   from HKEX news releases
        # - half days end at noon with no afternoon session (12:30 before 2011-03-07)
        # - closing auction (to about 16:08-16:10) not included
        # - part-day typhoon and rainstorm suspensions are not in the calendar; full-day ones up to 2024 are
        # Corrections to the source:
        # - 2023-09-01: closed, source 09:30-16:00; typhoon, no trading all day; pandas_market_calendars 5.5.0 and
        #   holidays 0.109 agree
        # - 2023-09-08: closed, source 09:30-16:00; black rainstorm, no trading all day; pandas_market_calendars 5.5.0
        #   and holidays 0.109 agree
        name Hong Kong Exchanges (securities market)
        zone Asia/Hong_Kong
        coverage 2005-01-01 2027-12-31
        hours 2005-01-01 10:00-16:00 break 12:30-14:30
        hours 2011-03-07 09:30-16:00 break 12:00-13:30
        hours 2012-03-05 09:30-16:00 break 12:00-13:00
        closed 2005-02-09 Chinese New Year
        closed 2005-02-10 The second day of Chinese New Year
        closed 2005-02-11 The third day of Chinese New Year
        closed 2005-03-25
        closed 2005-03-28
        closed 2005-04-05 Tomb-Sweeping Day
        closed 2005-05-02 Labor Day (observed)
        closed 2005-05-16
        closed 2005-07-01 Hong Kong S.A.R. Establishment Day
        closed 2005-09-19 The Day following Mid-Autumn Festival
        closed 2005-10-11 Double Ninth Festival
        closed 2005-12-26 Christmas Day (observed)
        closed 2005-12-27
        closed 2006-01-02 New Year's Day (observed)
        closed 2006-01-30 The second day of Chinese New Year
        closed 2006-01-31 The third day of Chinese New Year
        closed 2006-04-05 Tomb-Sweeping Day
        closed 2006-04-14
        closed 2006-04-17
        closed 2006-05-01 Labor Day
        closed 2006-05-05
        closed 2006-05-31 Dragon Boat Festival
        closed 2006-10-02 National Day (observed)
        closed 2006-10-30 Double Ninth Festival
        closed 2006-12-25 Christmas Day
        closed 2006-12-26
        closed 2007-01-01 New Year's Day
        closed 2007-02-19 The second day of Chinese New Year
        closed 2007-02-20 The third day of Chinese New Year
        closed 2007-04-05 Tomb-Sweeping Day
        closed 2007-04-06
        closed 2007-04-09
        closed 2007-05-01 Labor Day
        closed 2007-05-24
        closed 2007-06-19 Dragon Boat Festival
        closed 2007-07-02 Hong Kong S.A.R. Establishment Day (observed)
        closed 2007-09-26 The Day following Mid-Autumn Festival
        closed 2007-10-01 National Day
        closed 2007-10-19 Double Ninth Festival
        special 2007-12-24 10:00-12:30
        closed 2007-12-25 Christmas Day
        closed 2007-12-26
        special 2007-12-31 10:00-12:30
        closed 2008-01-01 New Year's Day
        closed 2008-02-07 Chinese New Year
        closed 2008-02-08 The second day of Chinese New Year
        closed 2008-03-21
        closed 2008-03-24
        closed 2008-04-04 Tomb-Sweeping Day
        closed 2008-05-01 Labor Day
        closed 2008-05-12
        closed 2008-06-09 Dragon Boat Festival (observed)
        closed 2008-07-01 Hong Kong S.A.R. Establishment Day
        closed 2008-08-06
        closed 2008-08-22
        closed 2008-09-15 The Day following Mid-Autumn Festival
        closed 2008-10-01 National Day
        closed 2008-10-07 Double Ninth Festival
        special 2008-12-24 10:00-12:30
        closed 2008-12-25 Christmas Day
        closed 2008-12-26
        special 2008-12-31 10:00-12:30
        closed 2009-01-01 New Year's Day
        closed 2009-01-26 Chinese New Year
        closed 2009-01-27 The second day of Chinese New Year
        closed 2009-01-28 The third day of Chinese New Year
        closed 2009-04-10
        closed 2009-04-13
        closed 2009-05-01 Labor Day
        closed 2009-05-28 Dragon Boat Festival
        closed 2009-07-01 Hong Kong S.A.R. Establishment Day
        closed 2009-10-01 National Day
        closed 2009-10-26 Double Ninth Festival
        special 2009-12-24 10:00-12:30
        closed 2009-12-25 Christmas Day
        special 2009-12-31 10:00-12:30
        closed 2010-01-01 New Year's Day
        closed 2010-02-15 The second day of Chinese New Year
        closed 2010-02-16 The third day of Chinese New Year
        closed 2010-04-02
        closed 2010-04-05 Tomb-Sweeping Day
        closed 2010-04-06
        closed 2010-05-21
        closed 2010-06-16 Dragon Boat Festival
        closed 2010-07-01 Hong Kong S.A.R. Establishment Day
        closed 2010-09-23 The Day following Mid-Autumn Festival
        closed 2010-10-01 National Day
        special 2010-12-24 10:00-12:30
        closed 2010-12-27
        special 2010-12-31 10:00-12:30
        closed 2011-02-03 Chinese New Year
        closed 2011-02-04 The second day of Chinese New Year
        closed 2011-04-05 Tomb-Sweeping Day
        closed 2011-04-22
        closed 2011-04-25
        closed 2011-05-02 Labor Day (observed)
        closed 2011-05-10
        closed 2011-06-06 Dragon Boat Festival
        closed 2011-07-01 Hong Kong S.A.R. Establishment Day
        closed 2011-09-13 The Day following Mid-Autumn Festival
        closed 2011-09-29
        closed 2011-10-05 Double Ninth Festival
        closed 2011-12-26 Christmas Day (observed)
        closed 2011-12-27
        closed 2012-01-02 New Year's Day (observed)
        closed 2012-01-23 Chinese New Year
        closed 2012-01-24 The second day of Chinese New Year
        closed 2012-01-25 The third day of Chinese New Year
        closed 2012-04-04 Tomb-Sweeping Day
        closed 2012-04-06
        closed 2012-04-09
        closed 2012-05-01 Labor Day
        closed 2012-07-02 Hong Kong S.A.R. Establishment Day (observed)
        closed 2012-10-01 National Day; The Day following Mid-Autumn Festival
        closed 2012-10-02 National Day (observed)
        closed 2012-10-23 Double Ninth Festival
        special 2012-12-24 09:30-12:00
        closed 2012-12-25 Christmas Day
        closed 2012-12-26
        special 2012-12-31 09:30-12:00
        closed 2013-01-01 New Year's Day
        closed 2013-02-11 The second day of Chinese New Year
        closed 2013-02-12 The third day of Chinese New Year
        closed 2013-02-13 The fourth day of Chinese New Year
        closed 2013-03-29
        closed 2013-04-01
        closed 2013-04-04 Tomb-Sweeping Day
        closed 2013-05-01 Labor Day
        closed 2013-05-17
        closed 2013-06-12 Dragon Boat Festival
        closed 2013-07-01 Hong Kong S.A.R. Establishment Day
        closed 2013-08-14
        closed 2013-09-20 The Day following Mid-Autumn Festival
        closed 2013-10-01 National Day
        closed 2013-10-14 Double Ninth Festival (observed)
        special 2013-12-24 09:30-12:00
        closed 2013-12-25 Christmas Day
        closed 2013-12-26
        special 2013-12-31 09:30-12:00
        closed 2014-01-01 New Year's Day
        special 2014-01-30 09:30-12:00
        closed 2014-01-31 Chinese New Year
        closed 2014-02-03 The fourth day of Chinese New Year
        closed 2014-04-18 Good Friday
        closed 2014-04-21 Easter Monday
        closed 2014-05-01 Labor Day
        closed 2014-05-06 The Buddha's Birthday
        closed 2014-06-02 Dragon Boat Festival
        closed 2014-07-01 Hong Kong S.A.R. Establishment Day
        closed 2014-09-09 The Day following Mid-Autumn Festival
        closed 2014-10-01 National Day
        closed 2014-10-02 Double Ninth Festival
        special 2014-12-24 09:30-12:00
        closed 2014-12-25 Christmas Day
        closed 2014-12-26 The first weekday after Christmas Day
        special 2014-12-31 09:30-12:00
        closed 2015-01-01 New Year's Day
        special 2015-02-18 09:30-12:00
        closed 2015-02-19 Chinese New Year
        closed 2015-02-20 The second day of Chinese New Year
        closed 2015-04-03 Good Friday
        closed 2015-04-06 The day following Tomb-Sweeping Day
        closed 2015-04-07 The day following Easter Monday
        closed 2015-05-01 Labor Day
        closed 2015-05-25 The Buddha's Birthday
        closed 2015-07-01 Hong Kong S.A.R. Establishment Day
        closed 2015-09-03 Victory Day (70th anniversary)
        closed 2015-09-28 The Day following Mid-Autumn Festival
        closed 2015-10-01 National Day
        closed 2015-10-21 Double Ninth Festival
        special 2015-12-24 09:30-12:00
        closed 2015-12-25 Christmas Day
        special 2015-12-31 09:30-12:00
        closed 2016-01-01 New Year's Day
        closed 2016-02-08 Chinese New Year
        closed 2016-02-09 The second day of Chinese New Year
        closed 2016-02-10 The third day of Chinese New Year
        closed 2016-03-25 Good Friday
        closed 2016-03-28 Easter Monday
        closed 2016-04-04 Tomb-Sweeping Day
        closed 2016-05-02 The day following Labor Day
        closed 2016-06-09 Dragon Boat Festival
        closed 2016-07-01 Hong Kong S.A.R. Establishment Day
        closed 2016-08-02 Trading Suspended for the Whole Day due to Severe Weather
        closed 2016-09-16 The Day following Mid-Autumn Festival
        closed 2016-10-10 The day following Double Ninth Festival
        closed 2016-10-21 Trading Suspended for the Whole Day due to Severe Weather
        closed 2016-12-26 The first weekday after Christmas Day
        closed 2016-12-27 The second weekday after Christmas Day
        closed 2017-01-02 The day following New Year's Day
        special 2017-01-27 09:30-12:00
        closed 2017-01-30 The third day of Chinese New Year
        closed 2017-01-31 The fourth day of Chinese New Year
        closed 2017-04-04 Tomb-Sweeping Day
        closed 2017-04-14 Good Friday
        closed 2017-04-17 Easter Monday
        closed 2017-05-01 Labor Day
        closed 2017-05-03 The Buddha's Birthday
        closed 2017-05-30 Dragon Boat Festival
        closed 2017-08-23 Trading Suspended for the Whole Day due to Severe Weather
        closed 2017-10-02 The day following National Day
        closed 2017-10-05 The Day following Mid-Autumn Festival
        closed 2017-12-25 Christmas Day
        closed 2017-12-26 The first weekday after Christmas Day
        closed 2018-01-01 New Year's Day
        special 2018-02-15 09:30-12:00
        closed 2018-02-16 Chinese New Year
        closed 2018-02-19 The fourth day of Chinese New Year
        closed 2018-03-30 Good Friday
        closed 2018-04-02 Easter Monday
        closed 2018-04-05 Tomb-Sweeping Day
        closed 2018-05-01 Labor Day
        closed 2018-05-22 The Buddha's Birthday
        closed 2018-06-18 Dragon Boat Festival
        closed 2018-07-02 The day following Hong Kong S.A.R. Establishment Day
        closed 2018-09-25 The Day following Mid-Autumn Festival
        closed 2018-10-01 National Day
        closed 2018-10-17 Double Ninth Festival
        special 2018-12-24 09:30-12:00
        closed 2018-12-25 Christmas Day
        closed 2018-12-26 The first weekday after Christmas Day
        special 2018-12-31 09:30-12:00
        closed 2019-01-01 New Year's Day
        special 2019-02-04 09:30-12:00
        closed 2019-02-05 Chinese New Year
        closed 2019-02-06 The second day of Chinese New Year
        closed 2019-02-07 The third day of Chinese New Year
        closed 2019-04-05 Tomb-Sweeping Day
        closed 2019-04-19 Good Friday
        closed 2019-04-22 Easter Monday
        closed 2019-05-01 Labor Day
        closed 2019-05-13 The day following the Buddha's Birthday
        closed 2019-06-07 Dragon Boat Festival
        closed 2019-07-01 Hong Kong S.A.R. Establishment Day
        closed 2019-10-01 National Day
        closed 2019-10-07 Double Ninth Festival
        special 2019-12-24 09:30-12:00
        closed 2019-12-25 Christmas Day
        closed 2019-12-26 The first weekday after Christmas Day
        special 2019-12-31 09:30-12:00
        closed 2020-01-01 New Year's Day
        special 2020-01-24 09:30-12:00
        closed 2020-01-27 The third day of Chinese New Year
        closed 2020-01-28 The fourth day of Chinese New Year
        closed 2020-04-10 Good Friday
        closed 2020-04-13 Easter Monday
        closed 2020-04-30 The Buddha's Birthday
        closed 2020-05-01 Labor Day
        closed 2020-06-25 Dragon Boat Festival
        closed 2020-07-01 Hong Kong S.A.R. Establishment Day
        closed 2020-10-01 National Day
        closed 2020-10-02 The Day following Mid-Autumn Festival
        closed 2020-10-13 Trading Suspended for the Whole Day due to Severe Weather
        closed 2020-10-26 The day following Double Ninth Festival
        special 2020-12-24 09:30-12:00
        closed 2020-12-25 Christmas Day
        special 2020-12-31 09:30-12:00
        closed 2021-01-01 New Year's Day
        special 2021-02-11 09:30-12:00
        closed 2021-02-12 Chinese New Year
        closed 2021-02-15 The fourth day of Chinese New Year
        closed 2021-04-02 Good Friday
        closed 2021-04-05 The day following Tomb-Sweeping Day
        closed 2021-04-06 The day following Easter Monday
        closed 2021-05-19 The Buddha's Birthday
        closed 2021-06-14 Dragon Boat Festival
        closed 2021-07-01 Hong Kong S.A.R. Establishment Day
        closed 2021-09-22 The Day following Mid-Autumn Festival
        closed 2021-10-01 National Day
        closed 2021-10-13 Trading Suspended for the Whole Day due to Severe Weather
        closed 2021-10-14 Double Ninth Festival
        special 2021-12-24 09:30-12:00
        closed 2021-12-27 The first weekday after Christmas Day
        special 2021-12-31 09:30-12:00
        special 2022-01-31 09:30-12:00
        closed 2022-02-01 Chinese New Year
        closed 2022-02-02 The second day of Chinese New Year
        closed 2022-02-03 The third day of Chinese New Year
        closed 2022-04-05 Tomb-Sweeping Day
        closed 2022-04-15 Good Friday
        closed 2022-04-18 Easter Monday
        closed 2022-05-02 The day following Labor Day
        closed 2022-05-09 The day following the Buddha's Birthday
        closed 2022-06-03 Dragon Boat Festival
        closed 2022-07-01 Hong Kong S.A.R. Establishment Day
        closed 2022-09-12 The Second Day following Mid-Autumn Festival
        closed 2022-10-04 Double Ninth Festival
        closed 2022-12-26 The first weekday after Christmas Day
        closed 2022-12-27 The second weekday after Christmas Day
        closed 2023-01-02 The day following New Year's Day
        closed 2023-01-23 The second day of Chinese New Year
        closed 2023-01-24 The third day of Chinese New Year
        closed 2023-01-25 The fourth day of Chinese New Year
        closed 2023-04-05 Tomb-Sweeping Day
        closed 2023-04-07 Good Friday
        closed 2023-04-10 Easter Monday
        closed 2023-05-01 Labor Day
        closed 2023-05-26 The Buddha's Birthday
        closed 2023-06-22 Dragon Boat Festival
        closed 2023-07-17 Trading Suspended for the Whole Day due to Severe Weather
        closed 2023-09-01 Trading Suspended for the Whole Day due to Severe Weather
        closed 2023-09-08 Trading Suspended for the Whole Day due to Severe Weather
        closed 2023-10-02 The day following National Day
        closed 2023-10-23 Double Ninth Festival
        closed 2023-12-25 Christmas Day
        closed 2023-12-26 The first weekday after Christmas Day
        closed 2024-01-01 New Year's Day
        special 2024-02-09 09:30-12:00
        closed 2024-02-12 The third day of Chinese New Year
        closed 2024-02-13 The fourth day of Chinese New Year
        closed 2024-03-29 Good Friday
        closed 2024-04-01 Easter Monday
        closed 2024-04-04 Tomb-Sweeping Day
        closed 2024-05-01 Labor Day
        closed 2024-05-15 The Buddha's Birthday
        closed 2024-06-10 Dragon Boat Festival
        closed 2024-07-01 Hong Kong S.A.R. Establishment Day
        closed 2024-09-06 Trading Suspended for the Whole Day due to Severe Weather
        closed 2024-09-18 The Day following Mid-Autumn Festival
        closed 2024-10-01 National Day
        closed 2024-10-11 Double Ninth Festival
        special 2024-12-24 09:30-12:00
        closed 2024-12-25 Christmas Day
        closed 2024-12-26 The first weekday after Christmas Day
        special 2024-12-31 09:30-12:00
        closed 2025-01-01 New Year's Day
        special 2025-01-28 09:30-12:00
        closed 2025-01-29 Chinese New Year
        closed 2025-01-30 The second day of Chinese New Year
        closed 2025-01-31 The third day of Chinese New Year
        closed 2025-04-04 Tomb-Sweeping Day
        closed 2025-04-18 Good Friday
        closed 2025-04-21 Easter Monday
        closed 2025-05-01 Labor Day
        closed 2025-05-05 The Buddha's Birthday
        closed 2025-07-01 Hong Kong S.A.R. Establishment Day
        closed 2025-10-01 National Day
        closed 2025-10-07 The Day following Mid-Autumn Festival
        closed 2025-10-29 Double Ninth Festival
        special 2025-12-24 09:30-12:00
        closed 2025-12-25 Christmas Day
        closed 2025-12-26 The first weekday after Christmas Day
        special 2025-12-31 09:30-12:00
        closed 2026-01-01 New Year's Day
        special 2026-02-16 09:30-12:00
        closed 2026-02-17 Chinese New Year
        closed 2026-02-18 The second day of Chinese New Year
        closed 2026-02-19 The third day of Chinese New Year
        closed 2026-04-03 Good Friday
        closed 2026-04-06 The day following Tomb-Sweeping Day
        closed 2026-04-07 The day following Easter Monday
        closed 2026-05-01 Labor Day
        closed 2026-05-25 The day following the Buddha's Birthday
        closed 2026-06-19 Dragon Boat Festival
        closed 2026-07-01 Hong Kong S.A.R. Establishment Day
        closed 2026-10-01 National Day
        closed 2026-10-19 The day following Double Ninth Festival
        special 2026-12-24 09:30-12:00
        closed 2026-12-25 Christmas Day
        special 2026-12-31 09:30-12:00
        closed 2027-01-01 New Year's Day
        special 2027-02-05 09:30-12:00
        closed 2027-02-08 The third day of Chinese New Year
        closed 2027-02-09 The fourth day of Chinese New Year
        closed 2027-03-26 Good Friday
        closed 2027-03-29 Easter Monday
        closed 2027-04-05 Tomb-Sweeping Day
        closed 2027-05-13 The Buddha's Birthday
        closed 2027-06-09 Dragon Boat Festival
        closed 2027-07-01 Hong Kong S.A.R. Establishment Day
        closed 2027-09-16 The Day following Mid-Autumn Festival
        closed 2027-10-01 National Day
        closed 2027-10-08 Double Ninth Festival
        special 2027-12-24 09:30-12:00
        closed 2027-12-27 The first weekday after Christmas Day
        special 2027-12-31 09:30-12:00
        """#)
}
