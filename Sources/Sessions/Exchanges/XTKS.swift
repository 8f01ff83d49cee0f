/// Tokyo Stock Exchange, local time of Asia/Tokyo. Line format: ``CalendarTable``.
enum XTKS {
    static let calendar = ExchangeCalendar.embedded(
        "XTKS",
        #"""
        # Source: exchange_calendars 4.13.2 (Apache-2.0); holiday names from holidays 0.109 (MIT).
        # - close moved from 15:00 to 15:30 on 2024-11-05
        # - 2020-10-01 (system failure, no trading all day) counts as closed
        # - trusted only from 2012: before, the morning ended at 11:00 (lunch 11:00-12:30, changed in 2011), and the
        #   first and last sessions of a year were half days up to the first session of 2009; exchange_calendars knows
        #   neither
        # - Hours before 2012-01-01 are not right.
        name Tokyo Stock Exchange
        zone Asia/Tokyo
        coverage 2005-01-01 2027-12-31
        hours 2005-01-01 09:00-15:00 break 11:30-12:30
        hours 2024-11-05 09:00-15:30 break 11:30-12:30
        closed 2005-01-03 Bank Holiday
        closed 2005-01-10 Coming of Age Day
        closed 2005-02-11 Foundation Day
        closed 2005-03-21 Substitute Holiday
        closed 2005-04-29 Greenery Day
        closed 2005-05-03 Constitution Day
        closed 2005-05-04 National Holiday
        closed 2005-05-05 Children's Day
        closed 2005-07-18 Marine Day
        closed 2005-09-19 Respect for the Aged Day
        closed 2005-09-23 Autumnal Equinox Day
        closed 2005-10-10 Physical Education Day
        closed 2005-11-03 Culture Day
        closed 2005-11-23 Labor Thanksgiving Day
        closed 2005-12-23 Emperor's Birthday
        closed 2006-01-02 Bank Holiday; Substitute Holiday
        closed 2006-01-03 Bank Holiday
        closed 2006-01-09 Coming of Age Day
        closed 2006-03-21 Vernal Equinox Day
        closed 2006-05-03 Constitution Day
        closed 2006-05-04 National Holiday
        closed 2006-05-05 Children's Day
        closed 2006-07-17 Marine Day
        closed 2006-09-18 Respect for the Aged Day
        closed 2006-10-09 Physical Education Day
        closed 2006-11-03 Culture Day
        closed 2006-11-23 Labor Thanksgiving Day
        closed 2007-01-01 Bank Holiday; New Year's Day
        closed 2007-01-02 Bank Holiday
        closed 2007-01-03 Bank Holiday
        closed 2007-01-08 Coming of Age Day
        closed 2007-02-12 Substitute Holiday
        closed 2007-03-21 Vernal Equinox Day
        closed 2007-04-30 Substitute Holiday
        closed 2007-05-03 Constitution Day
        closed 2007-05-04 Greenery Day
        closed 2007-07-16 Marine Day
        closed 2007-09-17 Respect for the Aged Day
        closed 2007-09-24 Substitute Holiday
        closed 2007-10-08 Physical Education Day
        closed 2007-11-23 Labor Thanksgiving Day
        closed 2007-12-24 Substitute Holiday
        closed 2007-12-31 Bank Holiday
        closed 2008-01-01 Bank Holiday; New Year's Day
        closed 2008-01-02 Bank Holiday
        closed 2008-01-03 Bank Holiday
        closed 2008-01-14 Coming of Age Day
        closed 2008-02-11 Foundation Day
        closed 2008-03-20 Vernal Equinox Day
        closed 2008-04-29 Showa Day
        closed 2008-05-05 Children's Day
        closed 2008-05-06 Substitute Holiday
        closed 2008-07-21 Marine Day
        closed 2008-09-15 Respect for the Aged Day
        closed 2008-09-23 Autumnal Equinox Day
        closed 2008-10-13 Physical Education Day
        closed 2008-11-03 Culture Day
        closed 2008-11-24 Substitute Holiday
        closed 2008-12-23 Emperor's Birthday
        closed 2008-12-31 Bank Holiday
        closed 2009-01-01 Bank Holiday; New Year's Day
        closed 2009-01-02 Bank Holiday
        closed 2009-01-12 Coming of Age Day
        closed 2009-02-11 Foundation Day
        closed 2009-03-20 Vernal Equinox Day
        closed 2009-04-29 Showa Day
        closed 2009-05-04 Greenery Day
        closed 2009-05-05 Children's Day
        closed 2009-05-06 Substitute Holiday
        closed 2009-07-20 Marine Day
        closed 2009-09-21 Respect for the Aged Day
        closed 2009-09-22 National Holiday
        closed 2009-09-23 Autumnal Equinox Day
        closed 2009-10-12 Physical Education Day
        closed 2009-11-03 Culture Day
        closed 2009-11-23 Labor Thanksgiving Day
        closed 2009-12-23 Emperor's Birthday
        closed 2009-12-31 Bank Holiday
        closed 2010-01-01 Bank Holiday; New Year's Day
        closed 2010-01-11 Coming of Age Day
        closed 2010-02-11 Foundation Day
        closed 2010-03-22 Substitute Holiday
        closed 2010-04-29 Showa Day
        closed 2010-05-03 Constitution Day
        closed 2010-05-04 Greenery Day
        closed 2010-05-05 Children's Day
        closed 2010-07-19 Marine Day
        closed 2010-09-20 Respect for the Aged Day
        closed 2010-09-23 Autumnal Equinox Day
        closed 2010-10-11 Physical Education Day
        closed 2010-11-03 Culture Day
        closed 2010-11-23 Labor Thanksgiving Day
        closed 2010-12-23 Emperor's Birthday
        closed 2010-12-31 Bank Holiday
        closed 2011-01-03 Bank Holiday
        closed 2011-01-10 Coming of Age Day
        closed 2011-02-11 Foundation Day
        closed 2011-03-21 Vernal Equinox Day
        closed 2011-04-29 Showa Day
        closed 2011-05-03 Constitution Day
        closed 2011-05-04 Greenery Day
        closed 2011-05-05 Children's Day
        closed 2011-07-18 Marine Day
        closed 2011-09-19 Respect for the Aged Day
        closed 2011-09-23 Autumnal Equinox Day
        closed 2011-10-10 Physical Education Day
        closed 2011-11-03 Culture Day
        closed 2011-11-23 Labor Thanksgiving Day
        closed 2011-12-23 Emperor's Birthday
        closed 2012-01-02 Bank Holiday; Substitute Holiday
        closed 2012-01-03 Bank Holiday
        closed 2012-01-09 Coming of Age Day
        closed 2012-03-20 Vernal Equinox Day
        closed 2012-04-30 Substitute Holiday
        closed 2012-05-03 Constitution Day
        closed 2012-05-04 Greenery Day
        closed 2012-07-16 Marine Day
        closed 2012-09-17 Respect for the Aged Day
        closed 2012-10-08 Physical Education Day
        closed 2012-11-23 Labor Thanksgiving Day
        closed 2012-12-24 Substitute Holiday
        closed 2012-12-31 Bank Holiday
        closed 2013-01-01 Bank Holiday; New Year's Day
        closed 2013-01-02 Bank Holiday
        closed 2013-01-03 Bank Holiday
        closed 2013-01-14 Coming of Age Day
        closed 2013-02-11 Foundation Day
        closed 2013-03-20 Vernal Equinox Day
        closed 2013-04-29 Showa Day
        closed 2013-05-03 Constitution Day
        closed 2013-05-06 Substitute Holiday
        closed 2013-07-15 Marine Day
        closed 2013-09-16 Respect for the Aged Day
        closed 2013-09-23 Autumnal Equinox Day
        closed 2013-10-14 Physical Education Day
        closed 2013-11-04 Substitute Holiday
        closed 2013-12-23 Emperor's Birthday
        closed 2013-12-31 Bank Holiday
        closed 2014-01-01 Bank Holiday; New Year's Day
        closed 2014-01-02 Bank Holiday
        closed 2014-01-03 Bank Holiday
        closed 2014-01-13 Coming of Age Day
        closed 2014-02-11 Foundation Day
        closed 2014-03-21 Vernal Equinox Day
        closed 2014-04-29 Showa Day
        closed 2014-05-05 Children's Day
        closed 2014-05-06 Substitute Holiday
        closed 2014-07-21 Marine Day
        closed 2014-09-15 Respect for the Aged Day
        closed 2014-09-23 Autumnal Equinox Day
        closed 2014-10-13 Physical Education Day
        closed 2014-11-03 Culture Day
        closed 2014-11-24 Substitute Holiday
        closed 2014-12-23 Emperor's Birthday
        closed 2014-12-31 Bank Holiday
        closed 2015-01-01 Bank Holiday; New Year's Day
        closed 2015-01-02 Bank Holiday
        closed 2015-01-12 Coming of Age Day
        closed 2015-02-11 Foundation Day
        closed 2015-04-29 Showa Day
        closed 2015-05-04 Greenery Day
        closed 2015-05-05 Children's Day
        closed 2015-05-06 Substitute Holiday
        closed 2015-07-20 Marine Day
        closed 2015-09-21 Respect for the Aged Day
        closed 2015-09-22 National Holiday
        closed 2015-09-23 Autumnal Equinox Day
        closed 2015-10-12 Physical Education Day
        closed 2015-11-03 Culture Day
        closed 2015-11-23 Labor Thanksgiving Day
        closed 2015-12-23 Emperor's Birthday
        closed 2015-12-31 Bank Holiday
        closed 2016-01-01 Bank Holiday; New Year's Day
        closed 2016-01-11 Coming of Age Day
        closed 2016-02-11 Foundation Day
        closed 2016-03-21 Substitute Holiday
        closed 2016-04-29 Showa Day
        closed 2016-05-03 Constitution Day
        closed 2016-05-04 Greenery Day
        closed 2016-05-05 Children's Day
        closed 2016-07-18 Marine Day
        closed 2016-08-11 Mountain Day
        closed 2016-09-19 Respect for the Aged Day
        closed 2016-09-22 Autumnal Equinox Day
        closed 2016-10-10 Physical Education Day
        closed 2016-11-03 Culture Day
        closed 2016-11-23 Labor Thanksgiving Day
        closed 2016-12-23 Emperor's Birthday
        closed 2017-01-02 Bank Holiday; Substitute Holiday
        closed 2017-01-03 Bank Holiday
        closed 2017-01-09 Coming of Age Day
        closed 2017-03-20 Vernal Equinox Day
        closed 2017-05-03 Constitution Day
        closed 2017-05-04 Greenery Day
        closed 2017-05-05 Children's Day
        closed 2017-07-17 Marine Day
        closed 2017-08-11 Mountain Day
        closed 2017-09-18 Respect for the Aged Day
        closed 2017-10-09 Physical Education Day
        closed 2017-11-03 Culture Day
        closed 2017-11-23 Labor Thanksgiving Day
        closed 2018-01-01 Bank Holiday; New Year's Day
        closed 2018-01-02 Bank Holiday
        closed 2018-01-03 Bank Holiday
        closed 2018-01-08 Coming of Age Day
        closed 2018-02-12 Substitute Holiday
        closed 2018-03-21 Vernal Equinox Day
        closed 2018-04-30 Substitute Holiday
        closed 2018-05-03 Constitution Day
        closed 2018-05-04 Greenery Day
        closed 2018-07-16 Marine Day
        closed 2018-09-17 Respect for the Aged Day
        closed 2018-09-24 Substitute Holiday
        closed 2018-10-08 Physical Education Day
        closed 2018-11-23 Labor Thanksgiving Day
        closed 2018-12-24 Substitute Holiday
        closed 2018-12-31 Bank Holiday
        closed 2019-01-01 Bank Holiday; New Year's Day
        closed 2019-01-02 Bank Holiday
        closed 2019-01-03 Bank Holiday
        closed 2019-01-14 Coming of Age Day
        closed 2019-02-11 Foundation Day
        closed 2019-03-21 Vernal Equinox Day
        closed 2019-04-29 Showa Day
        closed 2019-04-30 National Holiday
        closed 2019-05-01 Emperor's Enthronement Day
        closed 2019-05-02 National Holiday
        closed 2019-05-03 Constitution Day
        closed 2019-05-06 Substitute Holiday
        closed 2019-07-15 Marine Day
        closed 2019-08-12 Substitute Holiday
        closed 2019-09-16 Respect for the Aged Day
        closed 2019-09-23 Autumnal Equinox Day
        closed 2019-10-14 Physical Education Day
        closed 2019-10-22 Emperor's Enthronement Day
        closed 2019-11-04 Substitute Holiday
        closed 2019-12-31 Bank Holiday
        closed 2020-01-01 Bank Holiday; New Year's Day
        closed 2020-01-02 Bank Holiday
        closed 2020-01-03 Bank Holiday
        closed 2020-01-13 Coming of Age Day
        closed 2020-02-11 Foundation Day
        closed 2020-02-24 Substitute Holiday
        closed 2020-03-20 Vernal Equinox Day
        closed 2020-04-29 Showa Day
        closed 2020-05-04 Greenery Day
        closed 2020-05-05 Children's Day
        closed 2020-05-06 Substitute Holiday
        closed 2020-07-23 Marine Day
        closed 2020-07-24 Sports Day
        closed 2020-08-10 Mountain Day
        closed 2020-09-21 Respect for the Aged Day
        closed 2020-09-22 Autumnal Equinox Day
        closed 2020-10-01
        closed 2020-11-03 Culture Day
        closed 2020-11-23 Labor Thanksgiving Day
        closed 2020-12-31 Bank Holiday
        closed 2021-01-01 Bank Holiday; New Year's Day
        closed 2021-01-11 Coming of Age Day
        closed 2021-02-11 Foundation Day
        closed 2021-02-23 Emperor's Birthday
        closed 2021-04-29 Showa Day
        closed 2021-05-03 Constitution Day
        closed 2021-05-04 Greenery Day
        closed 2021-05-05 Children's Day
        closed 2021-07-22 Marine Day
        closed 2021-07-23 Sports Day
        closed 2021-08-09 Substitute Holiday
        closed 2021-09-20 Respect for the Aged Day
        closed 2021-09-23 Autumnal Equinox Day
        closed 2021-11-03 Culture Day
        closed 2021-11-23 Labor Thanksgiving Day
        closed 2021-12-31 Bank Holiday
        closed 2022-01-03 Bank Holiday
        closed 2022-01-10 Coming of Age Day
        closed 2022-02-11 Foundation Day
        closed 2022-02-23 Emperor's Birthday
        closed 2022-03-21 Vernal Equinox Day
        closed 2022-04-29 Showa Day
        closed 2022-05-03 Constitution Day
        closed 2022-05-04 Greenery Day
        closed 2022-05-05 Children's Day
        closed 2022-07-18 Marine Day
        closed 2022-08-11 Mountain Day
        closed 2022-09-19 Respect for the Aged Day
        closed 2022-09-23 Autumnal Equinox Day
        closed 2022-10-10 Sports Day
        closed 2022-11-03 Culture Day
        closed 2022-11-23 Labor Thanksgiving Day
        closed 2023-01-02 Bank Holiday; Substitute Holiday
        closed 2023-01-03 Bank Holiday
        closed 2023-01-09 Coming of Age Day
        closed 2023-02-23 Emperor's Birthday
        closed 2023-03-21 Vernal Equinox Day
        closed 2023-05-03 Constitution Day
        closed 2023-05-04 Greenery Day
        closed 2023-05-05 Children's Day
        closed 2023-07-17 Marine Day
        closed 2023-08-11 Mountain Day
        closed 2023-09-18 Respect for the Aged Day
        closed 2023-10-09 Sports Day
        closed 2023-11-03 Culture Day
        closed 2023-11-23 Labor Thanksgiving Day
        closed 2024-01-01 Bank Holiday; New Year's Day
        closed 2024-01-02 Bank Holiday
        closed 2024-01-03 Bank Holiday
        closed 2024-01-08 Coming of Age Day
        closed 2024-02-12 Substitute Holiday
        closed 2024-02-23 Emperor's Birthday
        closed 2024-03-20 Vernal Equinox Day
        closed 2024-04-29 Showa Day
        closed 2024-05-03 Constitution Day
        closed 2024-05-06 Substitute Holiday
        closed 2024-07-15 Marine Day
        closed 2024-08-12 Substitute Holiday
        closed 2024-09-16 Respect for the Aged Day
        closed 2024-09-23 Substitute Holiday
        closed 2024-10-14 Sports Day
        closed 2024-11-04 Substitute Holiday
        closed 2024-12-31 Bank Holiday
        closed 2025-01-01 Bank Holiday; New Year's Day
        closed 2025-01-02 Bank Holiday
        closed 2025-01-03 Bank Holiday
        closed 2025-01-13 Coming of Age Day
        closed 2025-02-11 Foundation Day
        closed 2025-02-24 Substitute Holiday
        closed 2025-03-20 Vernal Equinox Day
        closed 2025-04-29 Showa Day
        closed 2025-05-05 Children's Day
        closed 2025-05-06 Substitute Holiday
        closed 2025-07-21 Marine Day
        closed 2025-08-11 Mountain Day
        closed 2025-09-15 Respect for the Aged Day
        closed 2025-09-23 Autumnal Equinox Day
        closed 2025-10-13 Sports Day
        closed 2025-11-03 Culture Day
        closed 2025-11-24 Substitute Holiday
        closed 2025-12-31 Bank Holiday
        closed 2026-01-01 Bank Holiday; New Year's Day
        closed 2026-01-02 Bank Holiday
        closed 2026-01-12 Coming of Age Day
        closed 2026-02-11 Foundation Day
        closed 2026-02-23 Emperor's Birthday
        closed 2026-03-20 Vernal Equinox Day
        closed 2026-04-29 Showa Day
        closed 2026-05-04 Greenery Day
        closed 2026-05-05 Children's Day
        closed 2026-05-06 Substitute Holiday
        closed 2026-07-20 Marine Day
        closed 2026-08-11 Mountain Day
        closed 2026-09-21 Respect for the Aged Day
        closed 2026-09-22 National Holiday
        closed 2026-09-23 Autumnal Equinox Day
        closed 2026-10-12 Sports Day
        closed 2026-11-03 Culture Day
        closed 2026-11-23 Labor Thanksgiving Day
        closed 2026-12-31 Bank Holiday
        closed 2027-01-01 Bank Holiday; New Year's Day
        closed 2027-01-11 Coming of Age Day
        closed 2027-02-11 Foundation Day
        closed 2027-02-23 Emperor's Birthday
        closed 2027-03-22 Substitute Holiday
        closed 2027-04-29 Showa Day
        closed 2027-05-03 Constitution Day
        closed 2027-05-04 Greenery Day
        closed 2027-05-05 Children's Day
        closed 2027-07-19 Marine Day
        closed 2027-08-11 Mountain Day
        closed 2027-09-20 Respect for the Aged Day
        closed 2027-09-23 Autumnal Equinox Day
        closed 2027-10-11 Sports Day
        closed 2027-11-03 Culture Day
        closed 2027-11-23 Labor Thanksgiving Day
        closed 2027-12-31 Bank Holiday
        """#)
}
