/// Xetra (Frankfurt), local time of Europe/Berlin. Line format: ``CalendarTable``.
enum XETR {
    static let calendar = ExchangeCalendar.embedded(
        "XETR",
        #"""
        # Source: exchange_calendars 4.13.2 (Apache-2.0); holiday names from holidays 0.109 (MIT).
        # - continuous trading 09:00-17:30; auctions not included
        name Xetra (Frankfurt)
        zone Europe/Berlin
        coverage 2005-01-01 2027-12-31
        hours 2005-01-01 09:00-17:30
        closed 2005-03-25 Good Friday
        closed 2005-03-28 Easter Monday
        closed 2005-12-26 Second Day of Christmas
        closed 2006-04-14 Good Friday
        closed 2006-04-17 Easter Monday
        closed 2006-05-01 Labor Day
        closed 2006-12-25 Christmas Day
        closed 2006-12-26 Second Day of Christmas
        closed 2007-01-01 New Year's Day
        closed 2007-04-06 Good Friday
        closed 2007-04-09 Easter Monday
        closed 2007-05-01 Labor Day
        closed 2007-05-28 Pentecost Monday
        closed 2007-12-24
        closed 2007-12-25 Christmas Day
        closed 2007-12-26 Second Day of Christmas
        closed 2007-12-31
        closed 2008-01-01 New Year's Day
        closed 2008-03-21 Good Friday
        closed 2008-03-24 Easter Monday
        closed 2008-05-01 Ascension Day; Labor Day
        closed 2008-12-24
        closed 2008-12-25 Christmas Day
        closed 2008-12-26 Second Day of Christmas
        closed 2008-12-31
        closed 2009-01-01 New Year's Day
        closed 2009-04-10 Good Friday
        closed 2009-04-13 Easter Monday
        closed 2009-05-01 Labor Day
        closed 2009-12-24
        closed 2009-12-25 Christmas Day
        closed 2009-12-31
        closed 2010-01-01 New Year's Day
        closed 2010-04-02 Good Friday
        closed 2010-04-05 Easter Monday
        closed 2010-12-24
        special 2010-12-30 09:00-14:00
        closed 2010-12-31
        closed 2011-04-22 Good Friday
        closed 2011-04-25 Easter Monday
        closed 2011-12-26 Second Day of Christmas
        special 2011-12-30 09:00-14:00
        closed 2012-04-06 Good Friday
        closed 2012-04-09 Easter Monday
        closed 2012-05-01 Labor Day
        closed 2012-12-24
        closed 2012-12-25 Christmas Day
        closed 2012-12-26 Second Day of Christmas
        special 2012-12-28 09:00-14:00
        closed 2012-12-31
        closed 2013-01-01 New Year's Day
        closed 2013-03-29 Good Friday
        closed 2013-04-01 Easter Monday
        closed 2013-05-01 Labor Day
        closed 2013-12-24
        closed 2013-12-25 Christmas Day
        closed 2013-12-26 Second Day of Christmas
        special 2013-12-30 09:00-14:00
        closed 2013-12-31
        closed 2014-01-01 New Year's Day
        closed 2014-04-18 Good Friday
        closed 2014-04-21 Easter Monday
        closed 2014-05-01 Labor Day
        closed 2014-10-03 German Unity Day
        closed 2014-12-24
        closed 2014-12-25 Christmas Day
        closed 2014-12-26 Second Day of Christmas
        special 2014-12-30 09:00-14:00
        closed 2014-12-31
        closed 2015-01-01 New Year's Day
        closed 2015-04-03 Good Friday
        closed 2015-04-06 Easter Monday
        closed 2015-05-01 Labor Day
        closed 2015-05-25 Pentecost Monday
        closed 2015-12-24
        closed 2015-12-25 Christmas Day
        special 2015-12-30 09:00-14:00
        closed 2015-12-31
        closed 2016-01-01 New Year's Day
        closed 2016-03-25 Good Friday
        closed 2016-03-28 Easter Monday
        closed 2016-05-16 Pentecost Monday
        closed 2016-10-03 German Unity Day
        closed 2016-12-26 Second Day of Christmas
        special 2016-12-30 09:00-14:00
        closed 2017-04-14 Good Friday
        closed 2017-04-17 Easter Monday
        closed 2017-05-01 Labor Day
        closed 2017-06-05 Pentecost Monday
        closed 2017-10-03 German Unity Day
        closed 2017-10-31 Reformation Day
        closed 2017-12-25 Christmas Day
        closed 2017-12-26 Second Day of Christmas
        special 2017-12-29 09:00-14:00
        closed 2018-01-01 New Year's Day
        closed 2018-03-30 Good Friday
        closed 2018-04-02 Easter Monday
        closed 2018-05-01 Labor Day
        closed 2018-05-21 Pentecost Monday
        closed 2018-10-03 German Unity Day
        closed 2018-12-24 Christmas Eve
        closed 2018-12-25 Christmas Day
        closed 2018-12-26 Second Day of Christmas
        special 2018-12-28 09:00-14:00
        closed 2018-12-31 New Year's Eve
        closed 2019-01-01 New Year's Day
        closed 2019-04-19 Good Friday
        closed 2019-04-22 Easter Monday
        closed 2019-05-01 Labor Day
        closed 2019-06-10 Pentecost Monday
        closed 2019-10-03 German Unity Day
        closed 2019-12-24 Christmas Eve
        closed 2019-12-25 Christmas Day
        closed 2019-12-26 Second Day of Christmas
        special 2019-12-30 09:00-14:00
        closed 2019-12-31 New Year's Eve
        closed 2020-01-01 New Year's Day
        closed 2020-04-10 Good Friday
        closed 2020-04-13 Easter Monday
        closed 2020-05-01 Labor Day
        closed 2020-06-01 Pentecost Monday
        closed 2020-12-24 Christmas Eve
        closed 2020-12-25 Christmas Day
        special 2020-12-30 09:00-14:00
        closed 2020-12-31 New Year's Eve
        closed 2021-01-01 New Year's Day
        closed 2021-04-02 Good Friday
        closed 2021-04-05 Easter Monday
        closed 2021-05-24 Pentecost Monday
        closed 2021-12-24 Christmas Eve
        special 2021-12-30 09:00-14:00
        closed 2021-12-31 New Year's Eve
        closed 2022-04-15 Good Friday
        closed 2022-04-18 Easter Monday
        closed 2022-12-26 Second Day of Christmas
        special 2022-12-30 09:00-14:00
        closed 2023-04-07 Good Friday
        closed 2023-04-10 Easter Monday
        closed 2023-05-01 Labor Day
        closed 2023-12-25 Christmas Day
        closed 2023-12-26 Second Day of Christmas
        special 2023-12-29 09:00-14:00
        closed 2024-01-01 New Year's Day
        closed 2024-03-29 Good Friday
        closed 2024-04-01 Easter Monday
        closed 2024-05-01 Labor Day
        closed 2024-12-24 Christmas Eve
        closed 2024-12-25 Christmas Day
        closed 2024-12-26 Second Day of Christmas
        special 2024-12-30 09:00-14:00
        closed 2024-12-31 New Year's Eve
        closed 2025-01-01 New Year's Day
        closed 2025-04-18 Good Friday
        closed 2025-04-21 Easter Monday
        closed 2025-05-01 Labor Day
        closed 2025-12-24 Christmas Eve
        closed 2025-12-25 Christmas Day
        closed 2025-12-26 Second Day of Christmas
        special 2025-12-30 09:00-14:00
        closed 2025-12-31 New Year's Eve
        closed 2026-01-01 New Year's Day
        closed 2026-04-03 Good Friday
        closed 2026-04-06 Easter Monday
        closed 2026-05-01 Labor Day
        closed 2026-12-24 Christmas Eve
        closed 2026-12-25 Christmas Day
        special 2026-12-30 09:00-14:00
        closed 2026-12-31 New Year's Eve
        closed 2027-01-01 New Year's Day
        closed 2027-03-26 Good Friday
        closed 2027-03-29 Easter Monday
        closed 2027-12-24 Christmas Eve
        special 2027-12-30 09:00-14:00
        closed 2027-12-31 New Year's Eve
        """#)
}
