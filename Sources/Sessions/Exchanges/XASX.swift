/// Australian Securities Exchange, local time of Australia/Sydney. Line format: ``CalendarTable``.
enum XASX {
    static let calendar = ExchangeCalendar.embedded(
        "XASX",
        #"""
        # Source: exchange_calendars 4.13.2 (Apache-2.0); holiday names from holidays 0.109 (MIT).
        # - normal trading 10:00-16:00; staggered opening and closing auction not modelled (pandas_market_calendars
        #   gives 16:10 as the close)
        name Australian Securities Exchange
        zone Australia/Sydney
        coverage 2005-01-01 2027-12-31
        hours 2005-01-01 10:00-16:00
        closed 2005-01-03 New Year's Day
        closed 2005-01-26 Australia Day
        closed 2005-03-25 Good Friday
        closed 2005-03-28 Easter Monday
        closed 2005-04-25 ANZAC Day
        closed 2005-06-13 Queen's Birthday
        closed 2005-12-26 Boxing Day
        closed 2005-12-27 Christmas Day
        closed 2006-01-02 New Year's Day
        closed 2006-01-26 Australia Day
        closed 2006-04-14 Good Friday
        closed 2006-04-17 Easter Monday
        closed 2006-04-25 ANZAC Day
        closed 2006-06-12 Queen's Birthday
        closed 2006-12-25 Christmas Day
        closed 2006-12-26 Boxing Day
        closed 2007-01-01 New Year's Day
        closed 2007-01-26 Australia Day
        closed 2007-04-06 Good Friday
        closed 2007-04-09 Easter Monday
        closed 2007-04-25 ANZAC Day
        closed 2007-06-11 Queen's Birthday
        closed 2007-12-25 Christmas Day
        closed 2007-12-26 Boxing Day
        closed 2008-01-01 New Year's Day
        closed 2008-01-28 Australia Day
        closed 2008-03-21 Good Friday
        closed 2008-03-24 Easter Monday
        closed 2008-04-25 ANZAC Day
        closed 2008-06-09 Queen's Birthday
        closed 2008-12-25 Christmas Day
        closed 2008-12-26 Boxing Day
        closed 2009-01-01 New Year's Day
        closed 2009-01-26 Australia Day
        closed 2009-04-10 Good Friday
        closed 2009-04-13 Easter Monday
        closed 2009-06-08 Queen's Birthday
        closed 2009-12-25 Christmas Day
        closed 2009-12-28 Boxing Day
        closed 2010-01-01 New Year's Day
        closed 2010-01-26 Australia Day
        closed 2010-04-02 Good Friday
        closed 2010-04-05 Easter Monday
        closed 2010-04-26 ANZAC Day
        closed 2010-06-14 Queen's Birthday
        special 2010-12-24 10:00-14:10
        closed 2010-12-27 Christmas Day
        closed 2010-12-28 Boxing Day
        special 2010-12-31 10:00-14:10
        closed 2011-01-03 New Year's Day
        closed 2011-01-26 Australia Day
        closed 2011-04-22 Good Friday
        closed 2011-04-25 ANZAC Day; Easter Monday
        closed 2011-04-26 Easter Tuesday / Public Holiday
        closed 2011-06-13 Queen's Birthday
        special 2011-12-23 10:00-14:10
        closed 2011-12-26 Boxing Day
        closed 2011-12-27 Christmas Day
        special 2011-12-30 10:00-14:10
        closed 2012-01-02 New Year's Day
        closed 2012-01-26 Australia Day
        closed 2012-04-06 Good Friday
        closed 2012-04-09 Easter Monday
        closed 2012-04-25 ANZAC Day
        closed 2012-06-11 Queen's Birthday
        special 2012-12-24 10:00-14:10
        closed 2012-12-25 Christmas Day
        closed 2012-12-26 Boxing Day
        special 2012-12-31 10:00-14:10
        closed 2013-01-01 New Year's Day
        closed 2013-01-28 Australia Day
        closed 2013-03-29 Good Friday
        closed 2013-04-01 Easter Monday
        closed 2013-04-25 ANZAC Day
        closed 2013-06-10 Queen's Birthday
        special 2013-12-24 10:00-14:10
        closed 2013-12-25 Christmas Day
        closed 2013-12-26 Boxing Day
        special 2013-12-31 10:00-14:10
        closed 2014-01-01 New Year's Day
        closed 2014-01-27 Australia Day
        closed 2014-04-18 Good Friday
        closed 2014-04-21 Easter Monday
        closed 2014-04-25 ANZAC Day
        closed 2014-06-09 Queen's Birthday
        special 2014-12-24 10:00-14:10
        closed 2014-12-25 Christmas Day
        closed 2014-12-26 Boxing Day
        special 2014-12-31 10:00-14:10
        closed 2015-01-01 New Year's Day
        closed 2015-01-26 Australia Day
        closed 2015-04-03 Good Friday
        closed 2015-04-06 Easter Monday
        closed 2015-06-08 Queen's Birthday
        special 2015-12-24 10:00-14:10
        closed 2015-12-25 Christmas Day
        closed 2015-12-28 Boxing Day
        special 2015-12-31 10:00-14:10
        closed 2016-01-01 New Year's Day
        closed 2016-01-26 Australia Day
        closed 2016-03-25 Good Friday
        closed 2016-03-28 Easter Monday
        closed 2016-04-25 ANZAC Day
        closed 2016-06-13 Queen's Birthday
        special 2016-12-23 10:00-14:10
        closed 2016-12-26 Boxing Day
        closed 2016-12-27 Christmas Day
        special 2016-12-30 10:00-14:10
        closed 2017-01-02 New Year's Day
        closed 2017-01-26 Australia Day
        closed 2017-04-14 Good Friday
        closed 2017-04-17 Easter Monday
        closed 2017-04-25 ANZAC Day
        closed 2017-06-12 Queen's Birthday
        special 2017-12-22 10:00-14:10
        closed 2017-12-25 Christmas Day
        closed 2017-12-26 Boxing Day
        special 2017-12-29 10:00-14:10
        closed 2018-01-01 New Year's Day
        closed 2018-01-26 Australia Day
        closed 2018-03-30 Good Friday
        closed 2018-04-02 Easter Monday
        closed 2018-04-25 ANZAC Day
        closed 2018-06-11 Queen's Birthday
        special 2018-12-24 10:00-14:10
        closed 2018-12-25 Christmas Day
        closed 2018-12-26 Boxing Day
        special 2018-12-31 10:00-14:10
        closed 2019-01-01 New Year's Day
        closed 2019-01-28 Australia Day
        closed 2019-04-19 Good Friday
        closed 2019-04-22 Easter Monday
        closed 2019-04-25 ANZAC Day
        closed 2019-06-10 Queen's Birthday
        special 2019-12-24 10:00-14:10
        closed 2019-12-25 Christmas Day
        closed 2019-12-26 Boxing Day
        special 2019-12-31 10:00-14:10
        closed 2020-01-01 New Year's Day
        closed 2020-01-27 Australia Day
        closed 2020-04-10 Good Friday
        closed 2020-04-13 Easter Monday
        closed 2020-06-08 Queen's Birthday
        special 2020-12-24 10:00-14:10
        closed 2020-12-25 Christmas Day
        closed 2020-12-28 Boxing Day
        special 2020-12-31 10:00-14:10
        closed 2021-01-01 New Year's Day
        closed 2021-01-26 Australia Day
        closed 2021-04-02 Good Friday
        closed 2021-04-05 Easter Monday
        closed 2021-06-14 Queen's Birthday
        special 2021-12-24 10:00-14:10
        closed 2021-12-27 Christmas Day
        closed 2021-12-28 Boxing Day
        special 2021-12-31 10:00-14:10
        closed 2022-01-03 New Year's Day
        closed 2022-01-26 Australia Day
        closed 2022-04-15 Good Friday
        closed 2022-04-18 Easter Monday
        closed 2022-04-25 ANZAC Day
        closed 2022-06-13 Queen's Birthday
        closed 2022-09-22 National Day of Mourning for Queen Elizabeth II
        closed 2022-12-26 Boxing Day
        closed 2022-12-27 Christmas Day
        closed 2023-01-02 New Year's Day
        closed 2023-01-26 Australia Day
        closed 2023-04-07 Good Friday
        closed 2023-04-10 Easter Monday
        closed 2023-04-25 ANZAC Day
        closed 2023-06-12 King's Birthday
        special 2023-12-22 10:00-14:10
        closed 2023-12-25 Christmas Day
        closed 2023-12-26 Boxing Day
        special 2023-12-29 10:00-14:10
        closed 2024-01-01 New Year's Day
        closed 2024-01-26 Australia Day
        closed 2024-03-29 Good Friday
        closed 2024-04-01 Easter Monday
        closed 2024-04-25 ANZAC Day
        closed 2024-06-10 King's Birthday
        special 2024-12-24 10:00-14:10
        closed 2024-12-25 Christmas Day
        closed 2024-12-26 Boxing Day
        special 2024-12-31 10:00-14:10
        closed 2025-01-01 New Year's Day
        closed 2025-01-27 Australia Day
        closed 2025-04-18 Good Friday
        closed 2025-04-21 Easter Monday
        closed 2025-04-25 ANZAC Day
        closed 2025-06-09 King's Birthday
        special 2025-12-24 10:00-14:10
        closed 2025-12-25 Christmas Day
        closed 2025-12-26 Boxing Day
        special 2025-12-31 10:00-14:10
        closed 2026-01-01 New Year's Day
        closed 2026-01-26 Australia Day
        closed 2026-04-03 Good Friday
        closed 2026-04-06 Easter Monday
        closed 2026-06-08 King's Birthday
        special 2026-12-24 10:00-14:10
        closed 2026-12-25 Christmas Day
        closed 2026-12-28 Boxing Day
        special 2026-12-31 10:00-14:10
        closed 2027-01-01 New Year's Day
        closed 2027-01-26 Australia Day
        closed 2027-03-26 Good Friday
        closed 2027-03-29 Easter Monday
        closed 2027-06-14 King's Birthday
        special 2027-12-24 10:00-14:10
        closed 2027-12-27 Christmas Day
        closed 2027-12-28 Boxing Day
        special 2027-12-31 10:00-14:10
        """#)
}
