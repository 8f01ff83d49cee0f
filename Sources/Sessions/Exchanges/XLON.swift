/// London Stock Exchange, local time of Europe/London. Line format: ``CalendarTable``.
enum XLON {
    static let calendar = ExchangeCalendar.embedded(
        "XLON",
        #"""
        # Source: exchange_calendars 4.13.2 (Apache-2.0); holiday names from holidays 0.109 (MIT).
        # - continuous trading 08:00-16:30; auctions not included
        name London Stock Exchange
        zone Europe/London
        coverage 2005-01-01 2027-12-31
        hours 2005-01-01 08:00-16:30
        closed 2005-01-03 New Year's Day (observed)
        closed 2005-03-25 Good Friday
        closed 2005-03-28 Easter Monday
        closed 2005-05-02 May Day
        closed 2005-05-30 Spring Bank Holiday
        closed 2005-08-29 Late Summer Bank Holiday
        special 2005-12-23 08:00-12:30
        closed 2005-12-26 Boxing Day
        closed 2005-12-27 Christmas Day (observed)
        special 2005-12-30 08:00-12:30
        closed 2006-01-02 New Year's Day (observed)
        closed 2006-04-14 Good Friday
        closed 2006-04-17 Easter Monday
        closed 2006-05-01 May Day
        closed 2006-05-29 Spring Bank Holiday
        closed 2006-08-28 Late Summer Bank Holiday
        special 2006-12-22 08:00-12:30
        closed 2006-12-25 Christmas Day
        closed 2006-12-26 Boxing Day
        special 2006-12-29 08:00-12:30
        closed 2007-01-01 New Year's Day
        closed 2007-04-06 Good Friday
        closed 2007-04-09 Easter Monday
        closed 2007-05-07 May Day
        closed 2007-05-28 Spring Bank Holiday
        closed 2007-08-27 Late Summer Bank Holiday
        special 2007-12-24 08:00-12:30
        closed 2007-12-25 Christmas Day
        closed 2007-12-26 Boxing Day
        special 2007-12-31 08:00-12:30
        closed 2008-01-01 New Year's Day
        closed 2008-03-21 Good Friday
        closed 2008-03-24 Easter Monday
        closed 2008-05-05 May Day
        closed 2008-05-26 Spring Bank Holiday
        closed 2008-08-25 Late Summer Bank Holiday
        special 2008-12-24 08:00-12:30
        closed 2008-12-25 Christmas Day
        closed 2008-12-26 Boxing Day
        special 2008-12-31 08:00-12:30
        closed 2009-01-01 New Year's Day
        closed 2009-04-10 Good Friday
        closed 2009-04-13 Easter Monday
        closed 2009-05-04 May Day
        closed 2009-05-25 Spring Bank Holiday
        closed 2009-08-31 Late Summer Bank Holiday
        special 2009-12-24 08:00-12:30
        closed 2009-12-25 Christmas Day
        closed 2009-12-28 Boxing Day (observed)
        special 2009-12-31 08:00-12:30
        closed 2010-01-01 New Year's Day
        closed 2010-04-02 Good Friday
        closed 2010-04-05 Easter Monday
        closed 2010-05-03 May Day
        closed 2010-05-31 Spring Bank Holiday
        closed 2010-08-30 Late Summer Bank Holiday
        special 2010-12-24 08:00-12:30
        closed 2010-12-27 Christmas Day (observed)
        closed 2010-12-28 Boxing Day (observed)
        special 2010-12-31 08:00-12:30
        closed 2011-01-03 New Year's Day (observed)
        closed 2011-04-22 Good Friday
        closed 2011-04-25 Easter Monday
        closed 2011-04-29 Wedding of William and Catherine
        closed 2011-05-02 May Day
        closed 2011-05-30 Spring Bank Holiday
        closed 2011-08-29 Late Summer Bank Holiday
        special 2011-12-23 08:00-12:30
        closed 2011-12-26 Boxing Day
        closed 2011-12-27 Christmas Day (observed)
        special 2011-12-30 08:00-12:30
        closed 2012-01-02 New Year's Day (observed)
        closed 2012-04-06 Good Friday
        closed 2012-04-09 Easter Monday
        closed 2012-05-07 May Day
        closed 2012-06-04 Spring Bank Holiday
        closed 2012-06-05 Diamond Jubilee of Elizabeth II
        closed 2012-08-27 Late Summer Bank Holiday
        special 2012-12-24 08:00-12:30
        closed 2012-12-25 Christmas Day
        closed 2012-12-26 Boxing Day
        special 2012-12-31 08:00-12:30
        closed 2013-01-01 New Year's Day
        closed 2013-03-29 Good Friday
        closed 2013-04-01 Easter Monday
        closed 2013-05-06 May Day
        closed 2013-05-27 Spring Bank Holiday
        closed 2013-08-26 Late Summer Bank Holiday
        special 2013-12-24 08:00-12:30
        closed 2013-12-25 Christmas Day
        closed 2013-12-26 Boxing Day
        special 2013-12-31 08:00-12:30
        closed 2014-01-01 New Year's Day
        closed 2014-04-18 Good Friday
        closed 2014-04-21 Easter Monday
        closed 2014-05-05 May Day
        closed 2014-05-26 Spring Bank Holiday
        closed 2014-08-25 Late Summer Bank Holiday
        special 2014-12-24 08:00-12:30
        closed 2014-12-25 Christmas Day
        closed 2014-12-26 Boxing Day
        special 2014-12-31 08:00-12:30
        closed 2015-01-01 New Year's Day
        closed 2015-04-03 Good Friday
        closed 2015-04-06 Easter Monday
        closed 2015-05-04 May Day
        closed 2015-05-25 Spring Bank Holiday
        closed 2015-08-31 Late Summer Bank Holiday
        special 2015-12-24 08:00-12:30
        closed 2015-12-25 Christmas Day
        closed 2015-12-28 Boxing Day (observed)
        special 2015-12-31 08:00-12:30
        closed 2016-01-01 New Year's Day
        closed 2016-03-25 Good Friday
        closed 2016-03-28 Easter Monday
        closed 2016-05-02 May Day
        closed 2016-05-30 Spring Bank Holiday
        closed 2016-08-29 Late Summer Bank Holiday
        special 2016-12-23 08:00-12:30
        closed 2016-12-26 Boxing Day
        closed 2016-12-27 Christmas Day (observed)
        special 2016-12-30 08:00-12:30
        closed 2017-01-02 New Year's Day (observed)
        closed 2017-04-14 Good Friday
        closed 2017-04-17 Easter Monday
        closed 2017-05-01 May Day
        closed 2017-05-29 Spring Bank Holiday
        closed 2017-08-28 Late Summer Bank Holiday
        special 2017-12-22 08:00-12:30
        closed 2017-12-25 Christmas Day
        closed 2017-12-26 Boxing Day
        special 2017-12-29 08:00-12:30
        closed 2018-01-01 New Year's Day
        closed 2018-03-30 Good Friday
        closed 2018-04-02 Easter Monday
        closed 2018-05-07 May Day
        closed 2018-05-28 Spring Bank Holiday
        closed 2018-08-27 Late Summer Bank Holiday
        special 2018-12-24 08:00-12:30
        closed 2018-12-25 Christmas Day
        closed 2018-12-26 Boxing Day
        special 2018-12-31 08:00-12:30
        closed 2019-01-01 New Year's Day
        closed 2019-04-19 Good Friday
        closed 2019-04-22 Easter Monday
        closed 2019-05-06 May Day
        closed 2019-05-27 Spring Bank Holiday
        closed 2019-08-26 Late Summer Bank Holiday
        special 2019-12-24 08:00-12:30
        closed 2019-12-25 Christmas Day
        closed 2019-12-26 Boxing Day
        special 2019-12-31 08:00-12:30
        closed 2020-01-01 New Year's Day
        closed 2020-04-10 Good Friday
        closed 2020-04-13 Easter Monday
        closed 2020-05-08 May Day
        closed 2020-05-25 Spring Bank Holiday
        closed 2020-08-31 Late Summer Bank Holiday
        special 2020-12-24 08:00-12:30
        closed 2020-12-25 Christmas Day
        closed 2020-12-28 Boxing Day (observed)
        special 2020-12-31 08:00-12:30
        closed 2021-01-01 New Year's Day
        closed 2021-04-02 Good Friday
        closed 2021-04-05 Easter Monday
        closed 2021-05-03 May Day
        closed 2021-05-31 Spring Bank Holiday
        closed 2021-08-30 Late Summer Bank Holiday
        special 2021-12-24 08:00-12:30
        closed 2021-12-27 Christmas Day (observed)
        closed 2021-12-28 Boxing Day (observed)
        special 2021-12-31 08:00-12:30
        closed 2022-01-03 New Year's Day (observed)
        closed 2022-04-15 Good Friday
        closed 2022-04-18 Easter Monday
        closed 2022-05-02 May Day
        closed 2022-06-02 Spring Bank Holiday
        closed 2022-06-03 Platinum Jubilee of Elizabeth II
        closed 2022-08-29 Late Summer Bank Holiday
        closed 2022-09-19 State Funeral of Queen Elizabeth II
        special 2022-12-23 08:00-12:30
        closed 2022-12-26 Boxing Day
        closed 2022-12-27 Christmas Day (observed)
        special 2022-12-30 08:00-12:30
        closed 2023-01-02 New Year's Day (observed)
        closed 2023-04-07 Good Friday
        closed 2023-04-10 Easter Monday
        closed 2023-05-01 May Day
        closed 2023-05-08 Coronation of Charles III
        closed 2023-05-29 Spring Bank Holiday
        closed 2023-08-28 Late Summer Bank Holiday
        special 2023-12-22 08:00-12:30
        closed 2023-12-25 Christmas Day
        closed 2023-12-26 Boxing Day
        special 2023-12-29 08:00-12:30
        closed 2024-01-01 New Year's Day
        closed 2024-03-29 Good Friday
        closed 2024-04-01 Easter Monday
        closed 2024-05-06 May Day
        closed 2024-05-27 Spring Bank Holiday
        closed 2024-08-26 Late Summer Bank Holiday
        special 2024-12-24 08:00-12:30
        closed 2024-12-25 Christmas Day
        closed 2024-12-26 Boxing Day
        special 2024-12-31 08:00-12:30
        closed 2025-01-01 New Year's Day
        closed 2025-04-18 Good Friday
        closed 2025-04-21 Easter Monday
        closed 2025-05-05 May Day
        closed 2025-05-26 Spring Bank Holiday
        closed 2025-08-25 Late Summer Bank Holiday
        special 2025-12-24 08:00-12:30
        closed 2025-12-25 Christmas Day
        closed 2025-12-26 Boxing Day
        special 2025-12-31 08:00-12:30
        closed 2026-01-01 New Year's Day
        closed 2026-04-03 Good Friday
        closed 2026-04-06 Easter Monday
        closed 2026-05-04 May Day
        closed 2026-05-25 Spring Bank Holiday
        closed 2026-08-31 Late Summer Bank Holiday
        special 2026-12-24 08:00-12:30
        closed 2026-12-25 Christmas Day
        closed 2026-12-28 Boxing Day (observed)
        special 2026-12-31 08:00-12:30
        closed 2027-01-01 New Year's Day
        closed 2027-03-26 Good Friday
        closed 2027-03-29 Easter Monday
        closed 2027-05-03 May Day
        closed 2027-05-31 Spring Bank Holiday
        closed 2027-08-30 Late Summer Bank Holiday
        special 2027-12-24 08:00-12:30
        closed 2027-12-27 Christmas Day (observed)
        closed 2027-12-28 Boxing Day (observed)
        special 2027-12-31 08:00-12:30
        """#)
}
