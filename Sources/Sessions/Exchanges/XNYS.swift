/// New York Stock Exchange, local time of America/New_York. Line format: ``CalendarTable``.
enum XNYS {
    static let calendar = ExchangeCalendar.embedded(
        "XNYS",
        #"""
        # Source: exchange_calendars 4.13.2 (Apache-2.0); holiday names from holidays 0.109 (MIT).
        # - regular session 09:30-16:00; pre-market and after-hours are the line `extended`: today's hours, until 17:00 on
        #   early closes; earlier years kept others
        # - market-wide halts and outages are not in the calendar
        # - when Independence Day or Christmas falls on Saturday the Friday before is closed and there is no early close
        #   (2026-07-02, 2027-12-23 are full sessions)
        name New York Stock Exchange
        zone America/New_York
        coverage 2005-01-01 2027-12-31
        hours 2005-01-01 09:30-16:00
        extended 2005-01-01 04:00-20:00
        closed 2005-01-17 Martin Luther King Jr. Day
        closed 2005-02-21 Washington's Birthday
        closed 2005-03-25 Good Friday
        closed 2005-05-30 Memorial Day
        closed 2005-07-04 Independence Day
        closed 2005-09-05 Labor Day
        closed 2005-11-24 Thanksgiving Day
        special 2005-11-25 09:30-13:00
        closed 2005-12-26 Christmas Day (observed)
        closed 2006-01-02 New Year's Day (observed)
        closed 2006-01-16 Martin Luther King Jr. Day
        closed 2006-02-20 Washington's Birthday
        closed 2006-04-14 Good Friday
        closed 2006-05-29 Memorial Day
        special 2006-07-03 09:30-13:00
        closed 2006-07-04 Independence Day
        closed 2006-09-04 Labor Day
        closed 2006-11-23 Thanksgiving Day
        special 2006-11-24 09:30-13:00
        closed 2006-12-25 Christmas Day
        closed 2007-01-01 New Year's Day
        closed 2007-01-02 National Day of Mourning for former President Gerald R. Ford
        closed 2007-01-15 Martin Luther King Jr. Day
        closed 2007-02-19 Washington's Birthday
        closed 2007-04-06 Good Friday
        closed 2007-05-28 Memorial Day
        special 2007-07-03 09:30-13:00
        closed 2007-07-04 Independence Day
        closed 2007-09-03 Labor Day
        closed 2007-11-22 Thanksgiving Day
        special 2007-11-23 09:30-13:00
        special 2007-12-24 09:30-13:00
        closed 2007-12-25 Christmas Day
        closed 2008-01-01 New Year's Day
        closed 2008-01-21 Martin Luther King Jr. Day
        closed 2008-02-18 Washington's Birthday
        closed 2008-03-21 Good Friday
        closed 2008-05-26 Memorial Day
        special 2008-07-03 09:30-13:00
        closed 2008-07-04 Independence Day
        closed 2008-09-01 Labor Day
        closed 2008-11-27 Thanksgiving Day
        special 2008-11-28 09:30-13:00
        special 2008-12-24 09:30-13:00
        closed 2008-12-25 Christmas Day
        closed 2009-01-01 New Year's Day
        closed 2009-01-19 Martin Luther King Jr. Day
        closed 2009-02-16 Washington's Birthday
        closed 2009-04-10 Good Friday
        closed 2009-05-25 Memorial Day
        closed 2009-07-03 Independence Day (observed)
        closed 2009-09-07 Labor Day
        closed 2009-11-26 Thanksgiving Day
        special 2009-11-27 09:30-13:00
        special 2009-12-24 09:30-13:00
        closed 2009-12-25 Christmas Day
        closed 2010-01-01 New Year's Day
        closed 2010-01-18 Martin Luther King Jr. Day
        closed 2010-02-15 Washington's Birthday
        closed 2010-04-02 Good Friday
        closed 2010-05-31 Memorial Day
        closed 2010-07-05 Independence Day (observed)
        closed 2010-09-06 Labor Day
        closed 2010-11-25 Thanksgiving Day
        special 2010-11-26 09:30-13:00
        closed 2010-12-24 Christmas Day (observed)
        closed 2011-01-17 Martin Luther King Jr. Day
        closed 2011-02-21 Washington's Birthday
        closed 2011-04-22 Good Friday
        closed 2011-05-30 Memorial Day
        closed 2011-07-04 Independence Day
        closed 2011-09-05 Labor Day
        closed 2011-11-24 Thanksgiving Day
        special 2011-11-25 09:30-13:00
        closed 2011-12-26 Christmas Day (observed)
        closed 2012-01-02 New Year's Day (observed)
        closed 2012-01-16 Martin Luther King Jr. Day
        closed 2012-02-20 Washington's Birthday
        closed 2012-04-06 Good Friday
        closed 2012-05-28 Memorial Day
        special 2012-07-03 09:30-13:00
        closed 2012-07-04 Independence Day
        closed 2012-09-03 Labor Day
        closed 2012-10-29 Hurricane Sandy
        closed 2012-10-30 Hurricane Sandy
        closed 2012-11-22 Thanksgiving Day
        special 2012-11-23 09:30-13:00
        special 2012-12-24 09:30-13:00
        closed 2012-12-25 Christmas Day
        closed 2013-01-01 New Year's Day
        closed 2013-01-21 Martin Luther King Jr. Day
        closed 2013-02-18 Washington's Birthday
        closed 2013-03-29 Good Friday
        closed 2013-05-27 Memorial Day
        special 2013-07-03 09:30-13:00
        closed 2013-07-04 Independence Day
        closed 2013-09-02 Labor Day
        closed 2013-11-28 Thanksgiving Day
        special 2013-11-29 09:30-13:00
        special 2013-12-24 09:30-13:00
        closed 2013-12-25 Christmas Day
        closed 2014-01-01 New Year's Day
        closed 2014-01-20 Martin Luther King Jr. Day
        closed 2014-02-17 Washington's Birthday
        closed 2014-04-18 Good Friday
        closed 2014-05-26 Memorial Day
        special 2014-07-03 09:30-13:00
        closed 2014-07-04 Independence Day
        closed 2014-09-01 Labor Day
        closed 2014-11-27 Thanksgiving Day
        special 2014-11-28 09:30-13:00
        special 2014-12-24 09:30-13:00
        closed 2014-12-25 Christmas Day
        closed 2015-01-01 New Year's Day
        closed 2015-01-19 Martin Luther King Jr. Day
        closed 2015-02-16 Washington's Birthday
        closed 2015-04-03 Good Friday
        closed 2015-05-25 Memorial Day
        closed 2015-07-03 Independence Day (observed)
        closed 2015-09-07 Labor Day
        closed 2015-11-26 Thanksgiving Day
        special 2015-11-27 09:30-13:00
        special 2015-12-24 09:30-13:00
        closed 2015-12-25 Christmas Day
        closed 2016-01-01 New Year's Day
        closed 2016-01-18 Martin Luther King Jr. Day
        closed 2016-02-15 Washington's Birthday
        closed 2016-03-25 Good Friday
        closed 2016-05-30 Memorial Day
        closed 2016-07-04 Independence Day
        closed 2016-09-05 Labor Day
        closed 2016-11-24 Thanksgiving Day
        special 2016-11-25 09:30-13:00
        closed 2016-12-26 Christmas Day (observed)
        closed 2017-01-02 New Year's Day (observed)
        closed 2017-01-16 Martin Luther King Jr. Day
        closed 2017-02-20 Washington's Birthday
        closed 2017-04-14 Good Friday
        closed 2017-05-29 Memorial Day
        special 2017-07-03 09:30-13:00
        closed 2017-07-04 Independence Day
        closed 2017-09-04 Labor Day
        closed 2017-11-23 Thanksgiving Day
        special 2017-11-24 09:30-13:00
        closed 2017-12-25 Christmas Day
        closed 2018-01-01 New Year's Day
        closed 2018-01-15 Martin Luther King Jr. Day
        closed 2018-02-19 Washington's Birthday
        closed 2018-03-30 Good Friday
        closed 2018-05-28 Memorial Day
        special 2018-07-03 09:30-13:00
        closed 2018-07-04 Independence Day
        closed 2018-09-03 Labor Day
        closed 2018-11-22 Thanksgiving Day
        special 2018-11-23 09:30-13:00
        closed 2018-12-05 National Day of Mourning for former President George H. W. Bush
        special 2018-12-24 09:30-13:00
        closed 2018-12-25 Christmas Day
        closed 2019-01-01 New Year's Day
        closed 2019-01-21 Martin Luther King Jr. Day
        closed 2019-02-18 Washington's Birthday
        closed 2019-04-19 Good Friday
        closed 2019-05-27 Memorial Day
        special 2019-07-03 09:30-13:00
        closed 2019-07-04 Independence Day
        closed 2019-09-02 Labor Day
        closed 2019-11-28 Thanksgiving Day
        special 2019-11-29 09:30-13:00
        special 2019-12-24 09:30-13:00
        closed 2019-12-25 Christmas Day
        closed 2020-01-01 New Year's Day
        closed 2020-01-20 Martin Luther King Jr. Day
        closed 2020-02-17 Washington's Birthday
        closed 2020-04-10 Good Friday
        closed 2020-05-25 Memorial Day
        closed 2020-07-03 Independence Day (observed)
        closed 2020-09-07 Labor Day
        closed 2020-11-26 Thanksgiving Day
        special 2020-11-27 09:30-13:00
        special 2020-12-24 09:30-13:00
        closed 2020-12-25 Christmas Day
        closed 2021-01-01 New Year's Day
        closed 2021-01-18 Martin Luther King Jr. Day
        closed 2021-02-15 Washington's Birthday
        closed 2021-04-02 Good Friday
        closed 2021-05-31 Memorial Day
        closed 2021-07-05 Independence Day (observed)
        closed 2021-09-06 Labor Day
        closed 2021-11-25 Thanksgiving Day
        special 2021-11-26 09:30-13:00
        closed 2021-12-24 Christmas Day (observed)
        closed 2022-01-17 Martin Luther King Jr. Day
        closed 2022-02-21 Washington's Birthday
        closed 2022-04-15 Good Friday
        closed 2022-05-30 Memorial Day
        closed 2022-06-20 Juneteenth National Independence Day (observed)
        closed 2022-07-04 Independence Day
        closed 2022-09-05 Labor Day
        closed 2022-11-24 Thanksgiving Day
        special 2022-11-25 09:30-13:00
        closed 2022-12-26 Christmas Day (observed)
        closed 2023-01-02 New Year's Day (observed)
        closed 2023-01-16 Martin Luther King Jr. Day
        closed 2023-02-20 Washington's Birthday
        closed 2023-04-07 Good Friday
        closed 2023-05-29 Memorial Day
        closed 2023-06-19 Juneteenth National Independence Day
        special 2023-07-03 09:30-13:00
        closed 2023-07-04 Independence Day
        closed 2023-09-04 Labor Day
        closed 2023-11-23 Thanksgiving Day
        special 2023-11-24 09:30-13:00
        closed 2023-12-25 Christmas Day
        closed 2024-01-01 New Year's Day
        closed 2024-01-15 Martin Luther King Jr. Day
        closed 2024-02-19 Washington's Birthday
        closed 2024-03-29 Good Friday
        closed 2024-05-27 Memorial Day
        closed 2024-06-19 Juneteenth National Independence Day
        special 2024-07-03 09:30-13:00
        closed 2024-07-04 Independence Day
        closed 2024-09-02 Labor Day
        closed 2024-11-28 Thanksgiving Day
        special 2024-11-29 09:30-13:00
        special 2024-12-24 09:30-13:00
        closed 2024-12-25 Christmas Day
        closed 2025-01-01 New Year's Day
        closed 2025-01-09 National Day of Mourning for former President Jimmy Carter
        closed 2025-01-20 Martin Luther King Jr. Day
        closed 2025-02-17 Washington's Birthday
        closed 2025-04-18 Good Friday
        closed 2025-05-26 Memorial Day
        closed 2025-06-19 Juneteenth National Independence Day
        special 2025-07-03 09:30-13:00
        closed 2025-07-04 Independence Day
        closed 2025-09-01 Labor Day
        closed 2025-11-27 Thanksgiving Day
        special 2025-11-28 09:30-13:00
        special 2025-12-24 09:30-13:00
        closed 2025-12-25 Christmas Day
        closed 2026-01-01 New Year's Day
        closed 2026-01-19 Martin Luther King Jr. Day
        closed 2026-02-16 Washington's Birthday
        closed 2026-04-03 Good Friday
        closed 2026-05-25 Memorial Day
        closed 2026-06-19 Juneteenth National Independence Day
        closed 2026-07-03 Independence Day (observed)
        closed 2026-09-07 Labor Day
        closed 2026-11-26 Thanksgiving Day
        special 2026-11-27 09:30-13:00
        special 2026-12-24 09:30-13:00
        closed 2026-12-25 Christmas Day
        closed 2027-01-01 New Year's Day
        closed 2027-01-18 Martin Luther King Jr. Day
        closed 2027-02-15 Washington's Birthday
        closed 2027-03-26 Good Friday
        closed 2027-05-31 Memorial Day
        closed 2027-06-18 Juneteenth National Independence Day (observed)
        closed 2027-07-05 Independence Day (observed)
        closed 2027-09-06 Labor Day
        closed 2027-11-25 Thanksgiving Day
        special 2027-11-26 09:30-13:00
        closed 2027-12-24 Christmas Day (observed)
        """#)
}
