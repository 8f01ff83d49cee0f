/// Korea Exchange (KOSPI, KOSDAQ), local time of Asia/Seoul. Line format: ``CalendarTable``.
enum XKRX {
    static let calendar = ExchangeCalendar.embedded(
        "XKRX",
        #"""
        # Source: exchange_calendars 4.13.2 (Apache-2.0); holiday names from holidays 0.109 (MIT).
        # - regular session only: no pre-market, single-price after-hours or the ATS Nextrade (NXT)
        # - the first session of a year opens one hour late (10:00) and closes at the usual time; on the college
        #   entrance exam day open and close are both one hour late
        # - 2017-11-16 was also one hour late although the exam had been put off to 2017-11-23 after the Pohang
        #   earthquake (KRX kept the announced hours)
        # - exchange_calendars 4.13.2 knows exam days only up to 2020; later ones are our corrections
        # - temporary holidays and elections are decreed late: reload the calendar, do not trust a far year
        # - press reports of January and February 2026: KRX planned a pre-market 07:00-08:00 and an after-market
        #   16:00-20:00 from 2026-06-29; whether and when it began was not verified
        # Corrections to the source:
        # - 2021-11-18: 10:00-16:30, source 09:00-15:30; college entrance exam day; KRX notice as reported by Donga Ilbo
        #   2021-11-04; LEAN market-hours database
        # - 2022-11-17: 10:00-16:30, source 09:00-15:30; college entrance exam day; LEAN market-hours database (late
        #   open); same rule as the other years
        # - 2023-11-16: 10:00-16:30, source 09:00-15:30; college entrance exam day; KRX notice as reported by Etoday
        #   2023-11-02; LEAN market-hours database
        # - 2024-11-14: 10:00-16:30, source 09:00-15:30; college entrance exam day; KRX notice as reported by Kyunghyang
        #   2024-10-31; LEAN market-hours database
        # - 2025-11-13: 10:00-16:30, source 09:00-15:30; college entrance exam day; KRX notice as reported by Edaily
        #   2025-11-12; LEAN market-hours database
        # - 2026-11-19: 10:00-16:30, source 09:00-15:30; college entrance exam day; scheduled exam date; LEAN
        #   market-hours database (late open); not yet confirmed by a KRX notice seen by us
        # - 2027-11-18: 10:00-16:30, source 09:00-15:30; college entrance exam day; scheduled exam date; LEAN
        #   market-hours database (late open); not yet confirmed by a KRX notice seen by us
        # - 2026-06-03: closed, source 09:00-15:30; local elections; LEAN market-hours database and the Python package
        #   holidays 0.109 agree
        # - 2026-07-17: closed, source 09:00-15:30; Constitution Day, a public holiday again from 2026; LEAN
        #   market-hours database and holidays 0.109 agree
        # - 2027-07-19: closed, source 09:00-15:30; substitute for Constitution Day (Saturday); LEAN market-hours
        #   database and holidays 0.109 agree
        # Uncertain:
        # - 2027-05-03: holidays 0.109 has a substitute holiday for Labour Day (Saturday); LEAN and exchange_calendars
        #   have a normal session: kept as a session
        name Korea Exchange (KOSPI, KOSDAQ)
        zone Asia/Seoul
        coverage 2005-01-01 2027-12-31
        hours 2005-01-01 09:00-15:00
        hours 2016-08-01 09:00-15:30
        special 2005-01-03 10:00-15:00
        closed 2005-02-08 The day preceding Korean New Year
        closed 2005-02-09 Korean New Year
        closed 2005-02-10 The second day of Korean New Year
        closed 2005-03-01 Independence Movement Day
        closed 2005-04-05 Tree Planting Day
        closed 2005-05-05 Children's Day
        closed 2005-06-06 Memorial Day
        closed 2005-08-15 Liberation Day
        closed 2005-09-19 The second day of Chuseok
        closed 2005-10-03 National Foundation Day
        special 2005-11-23 10:00-16:00
        closed 2005-12-30 End of Year Holiday
        special 2006-01-02 10:00-15:00
        closed 2006-01-30 The second day of Korean New Year
        closed 2006-03-01 Independence Movement Day
        closed 2006-05-01 Workers' Day
        closed 2006-05-05 Buddha's Birthday; Children's Day
        closed 2006-05-31 Local Election Day
        closed 2006-06-06 Memorial Day
        closed 2006-07-17 Constitution Day
        closed 2006-08-15 Liberation Day
        closed 2006-10-03 National Foundation Day
        closed 2006-10-05 The day preceding Chuseok
        closed 2006-10-06 Chuseok
        special 2006-11-16 10:00-16:00
        closed 2006-12-25 Christmas Day
        closed 2006-12-29 End of Year Holiday
        closed 2007-01-01 New Year's Day
        special 2007-01-02 10:00-15:00
        closed 2007-02-19 The second day of Korean New Year
        closed 2007-03-01 Independence Movement Day
        closed 2007-05-01 Workers' Day
        closed 2007-05-24 Buddha's Birthday
        closed 2007-06-06 Memorial Day
        closed 2007-07-17 Constitution Day
        closed 2007-08-15 Liberation Day
        closed 2007-09-24 The day preceding Chuseok
        closed 2007-09-25 Chuseok
        closed 2007-09-26 The second day of Chuseok
        closed 2007-10-03 National Foundation Day
        special 2007-11-15 10:00-16:00
        closed 2007-12-19 Presidential Election Day
        closed 2007-12-25 Christmas Day
        closed 2007-12-31 End of Year Holiday
        closed 2008-01-01 New Year's Day
        special 2008-01-02 10:00-15:00
        closed 2008-02-06 The day preceding Korean New Year
        closed 2008-02-07 Korean New Year
        closed 2008-02-08 The second day of Korean New Year
        closed 2008-04-09 National Assembly Election Day
        closed 2008-05-01 Workers' Day
        closed 2008-05-05 Children's Day
        closed 2008-05-12 Buddha's Birthday
        closed 2008-06-06 Memorial Day
        closed 2008-08-15 Liberation Day
        closed 2008-09-15 The second day of Chuseok
        closed 2008-10-03 National Foundation Day
        special 2008-11-13 10:00-16:00
        closed 2008-12-25 Christmas Day
        closed 2008-12-31 End of Year Holiday
        closed 2009-01-01 New Year's Day
        special 2009-01-02 10:00-15:00
        closed 2009-01-26 Korean New Year
        closed 2009-01-27 The second day of Korean New Year
        closed 2009-05-01 Workers' Day
        closed 2009-05-05 Children's Day
        closed 2009-10-02 The day preceding Chuseok
        special 2009-11-12 10:00-16:00
        closed 2009-12-25 Christmas Day
        closed 2009-12-31 End of Year Holiday
        closed 2010-01-01 New Year's Day
        special 2010-01-04 10:00-15:00
        closed 2010-02-15 The second day of Korean New Year
        closed 2010-03-01 Independence Movement Day
        closed 2010-05-05 Children's Day
        closed 2010-05-21 Buddha's Birthday
        closed 2010-06-02 Local Election Day
        closed 2010-09-21 The day preceding Chuseok
        closed 2010-09-22 Chuseok
        closed 2010-09-23 The second day of Chuseok
        special 2010-11-18 10:00-16:00
        closed 2010-12-31 End of Year Holiday
        special 2011-01-03 10:00-15:00
        closed 2011-02-02 The day preceding Korean New Year
        closed 2011-02-03 Korean New Year
        closed 2011-02-04 The second day of Korean New Year
        closed 2011-03-01 Independence Movement Day
        closed 2011-05-05 Children's Day
        closed 2011-05-10 Buddha's Birthday
        closed 2011-06-06 Memorial Day
        closed 2011-08-15 Liberation Day
        closed 2011-09-12 Chuseok
        closed 2011-09-13 The second day of Chuseok
        closed 2011-10-03 National Foundation Day
        special 2011-11-10 10:00-16:00
        closed 2011-12-30 End of Year Holiday
        special 2012-01-02 10:00-15:00
        closed 2012-01-23 Korean New Year
        closed 2012-01-24 The second day of Korean New Year
        closed 2012-03-01 Independence Movement Day
        closed 2012-04-11 National Assembly Election Day
        closed 2012-05-01 Workers' Day
        closed 2012-05-28 Buddha's Birthday
        closed 2012-06-06 Memorial Day
        closed 2012-08-15 Liberation Day
        closed 2012-10-01 The second day of Chuseok
        closed 2012-10-03 National Foundation Day
        special 2012-11-08 10:00-16:00
        closed 2012-12-19 Presidential Election Day
        closed 2012-12-25 Christmas Day
        closed 2012-12-31 End of Year Holiday
        closed 2013-01-01 New Year's Day
        special 2013-01-02 10:00-15:00
        closed 2013-02-11 The second day of Korean New Year
        closed 2013-03-01 Independence Movement Day
        closed 2013-05-01 Workers' Day
        closed 2013-05-17 Buddha's Birthday
        closed 2013-06-06 Memorial Day
        closed 2013-08-15 Liberation Day
        closed 2013-09-18 The day preceding Chuseok
        closed 2013-09-19 Chuseok
        closed 2013-09-20 The second day of Chuseok
        closed 2013-10-03 National Foundation Day
        closed 2013-10-09 Hangul Day
        special 2013-11-07 10:00-16:00
        closed 2013-12-25 Christmas Day
        closed 2013-12-31 End of Year Holiday
        closed 2014-01-01 New Year's Day
        special 2014-01-02 10:00-15:00
        closed 2014-01-30 The day preceding Korean New Year
        closed 2014-01-31 Korean New Year
        closed 2014-05-01 Workers' Day
        closed 2014-05-05 Children's Day
        closed 2014-05-06 Buddha's Birthday
        closed 2014-06-04 Local Election Day
        closed 2014-06-06 Memorial Day
        closed 2014-08-15 Liberation Day
        closed 2014-09-08 Chuseok
        closed 2014-09-09 The second day of Chuseok
        closed 2014-09-10 Alternative holiday for Chuseok
        closed 2014-10-03 National Foundation Day
        closed 2014-10-09 Hangul Day
        special 2014-11-13 10:00-16:00
        closed 2014-12-25 Christmas Day
        closed 2014-12-31 End of Year Holiday
        closed 2015-01-01 New Year's Day
        special 2015-01-02 10:00-15:00
        closed 2015-02-18 The day preceding Korean New Year
        closed 2015-02-19 Korean New Year
        closed 2015-02-20 The second day of Korean New Year
        closed 2015-05-01 Workers' Day
        closed 2015-05-05 Children's Day
        closed 2015-05-25 Buddha's Birthday
        closed 2015-08-14 Temporary Public Holiday
        closed 2015-09-28 The second day of Chuseok
        closed 2015-09-29 Alternative holiday for Chuseok
        closed 2015-10-09 Hangul Day
        special 2015-11-12 10:00-16:00
        closed 2015-12-25 Christmas Day
        closed 2015-12-31 End of Year Holiday
        closed 2016-01-01 New Year's Day
        special 2016-01-04 10:00-15:00
        closed 2016-02-08 Korean New Year
        closed 2016-02-09 The second day of Korean New Year
        closed 2016-02-10 Alternative holiday for Korean New Year
        closed 2016-03-01 Independence Movement Day
        closed 2016-04-13 National Assembly Election Day
        closed 2016-05-05 Children's Day
        closed 2016-05-06 Temporary Public Holiday
        closed 2016-06-06 Memorial Day
        closed 2016-08-15 Liberation Day
        closed 2016-09-14 The day preceding Chuseok
        closed 2016-09-15 Chuseok
        closed 2016-09-16 The second day of Chuseok
        closed 2016-10-03 National Foundation Day
        special 2016-11-17 10:00-16:30
        closed 2016-12-30 End of Year Holiday
        special 2017-01-02 10:00-15:30
        closed 2017-01-27 The day preceding Korean New Year
        closed 2017-01-30 Alternative holiday for Korean New Year
        closed 2017-03-01 Independence Movement Day
        closed 2017-05-01 Workers' Day
        closed 2017-05-03 Buddha's Birthday
        closed 2017-05-05 Children's Day
        closed 2017-05-09 Presidential Election Day
        closed 2017-06-06 Memorial Day
        closed 2017-08-15 Liberation Day
        closed 2017-10-02 Temporary Public Holiday
        closed 2017-10-03 National Foundation Day; The day preceding Chuseok
        closed 2017-10-04 Chuseok
        closed 2017-10-05 The second day of Chuseok
        closed 2017-10-06 Alternative holiday for Chuseok
        closed 2017-10-09 Hangul Day
        special 2017-11-16 10:00-16:30
        special 2017-11-23 10:00-16:30
        closed 2017-12-25 Christmas Day
        closed 2017-12-29 End of Year Holiday
        closed 2018-01-01 New Year's Day
        special 2018-01-02 10:00-15:30
        closed 2018-02-15 The day preceding Korean New Year
        closed 2018-02-16 Korean New Year
        closed 2018-03-01 Independence Movement Day
        closed 2018-05-01 Workers' Day
        closed 2018-05-07 Alternative holiday for Children's Day
        closed 2018-05-22 Buddha's Birthday
        closed 2018-06-06 Memorial Day
        closed 2018-06-13 Local Election Day
        closed 2018-08-15 Liberation Day
        closed 2018-09-24 Chuseok
        closed 2018-09-25 The second day of Chuseok
        closed 2018-09-26 Alternative holiday for Chuseok
        closed 2018-10-03 National Foundation Day
        closed 2018-10-09 Hangul Day
        special 2018-11-15 10:00-16:30
        closed 2018-12-25 Christmas Day
        closed 2018-12-31 End of Year Holiday
        closed 2019-01-01 New Year's Day
        special 2019-01-02 10:00-15:30
        closed 2019-02-04 The day preceding Korean New Year
        closed 2019-02-05 Korean New Year
        closed 2019-02-06 The second day of Korean New Year
        closed 2019-03-01 Independence Movement Day
        closed 2019-05-01 Workers' Day
        closed 2019-05-06 Alternative holiday for Children's Day
        closed 2019-06-06 Memorial Day
        closed 2019-08-15 Liberation Day
        closed 2019-09-12 The day preceding Chuseok
        closed 2019-09-13 Chuseok
        closed 2019-10-03 National Foundation Day
        closed 2019-10-09 Hangul Day
        special 2019-11-14 10:00-16:30
        closed 2019-12-25 Christmas Day
        closed 2019-12-31 End of Year Holiday
        closed 2020-01-01 New Year's Day
        special 2020-01-02 10:00-15:30
        closed 2020-01-24 The day preceding Korean New Year
        closed 2020-01-27 Alternative holiday for Korean New Year
        closed 2020-04-15 National Assembly Election Day
        closed 2020-04-30 Buddha's Birthday
        closed 2020-05-01 Workers' Day
        closed 2020-05-05 Children's Day
        closed 2020-08-17 Temporary Public Holiday
        closed 2020-09-30 The day preceding Chuseok
        closed 2020-10-01 Chuseok
        closed 2020-10-02 The second day of Chuseok
        closed 2020-10-09 Hangul Day
        special 2020-12-03 10:00-16:30
        closed 2020-12-25 Christmas Day
        closed 2020-12-31 End of Year Holiday
        closed 2021-01-01 New Year's Day
        special 2021-01-04 10:00-15:30
        closed 2021-02-11 The day preceding Korean New Year
        closed 2021-02-12 Korean New Year
        closed 2021-03-01 Independence Movement Day
        closed 2021-05-05 Children's Day
        closed 2021-05-19 Buddha's Birthday
        closed 2021-08-16 Alternative holiday for Liberation Day
        closed 2021-09-20 The day preceding Chuseok
        closed 2021-09-21 Chuseok
        closed 2021-09-22 The second day of Chuseok
        closed 2021-10-04 Alternative holiday for National Foundation Day
        closed 2021-10-11 Alternative holiday for Hangul Day
        special 2021-11-18 10:00-16:30
        closed 2021-12-31 End of Year Holiday
        special 2022-01-03 10:00-15:30
        closed 2022-01-31 The day preceding Korean New Year
        closed 2022-02-01 Korean New Year
        closed 2022-02-02 The second day of Korean New Year
        closed 2022-03-01 Independence Movement Day
        closed 2022-03-09 Presidential Election Day
        closed 2022-05-05 Children's Day
        closed 2022-06-01 Local Election Day
        closed 2022-06-06 Memorial Day
        closed 2022-08-15 Liberation Day
        closed 2022-09-09 The day preceding Chuseok
        closed 2022-09-12 Alternative holiday for Chuseok
        closed 2022-10-03 National Foundation Day
        closed 2022-10-10 Alternative holiday for Hangul Day
        special 2022-11-17 10:00-16:30
        closed 2022-12-30 End of Year Holiday
        special 2023-01-02 10:00-15:30
        closed 2023-01-23 The second day of Korean New Year
        closed 2023-01-24 Alternative holiday for Korean New Year
        closed 2023-03-01 Independence Movement Day
        closed 2023-05-01 Workers' Day
        closed 2023-05-05 Children's Day
        closed 2023-05-29 Alternative holiday for Buddha's Birthday
        closed 2023-06-06 Memorial Day
        closed 2023-08-15 Liberation Day
        closed 2023-09-28 The day preceding Chuseok
        closed 2023-09-29 Chuseok
        closed 2023-10-02 Temporary Public Holiday
        closed 2023-10-03 National Foundation Day
        closed 2023-10-09 Hangul Day
        special 2023-11-16 10:00-16:30
        closed 2023-12-25 Christmas Day
        closed 2023-12-29 End of Year Holiday
        closed 2024-01-01 New Year's Day
        special 2024-01-02 10:00-15:30
        closed 2024-02-09 The day preceding Korean New Year
        closed 2024-02-12 Alternative holiday for Korean New Year
        closed 2024-03-01 Independence Movement Day
        closed 2024-04-10 National Assembly Election Day
        closed 2024-05-01 Workers' Day
        closed 2024-05-06 Alternative holiday for Children's Day
        closed 2024-05-15 Buddha's Birthday
        closed 2024-06-06 Memorial Day
        closed 2024-08-15 Liberation Day
        closed 2024-09-16 The day preceding Chuseok
        closed 2024-09-17 Chuseok
        closed 2024-09-18 The second day of Chuseok
        closed 2024-10-01 Armed Forces Day
        closed 2024-10-03 National Foundation Day
        closed 2024-10-09 Hangul Day
        special 2024-11-14 10:00-16:30
        closed 2024-12-25 Christmas Day
        closed 2024-12-31 End of Year Holiday
        closed 2025-01-01 New Year's Day
        special 2025-01-02 10:00-15:30
        closed 2025-01-27 Temporary Public Holiday
        closed 2025-01-28 The day preceding Korean New Year
        closed 2025-01-29 Korean New Year
        closed 2025-01-30 The second day of Korean New Year
        closed 2025-03-03 Alternative holiday for Independence Movement Day
        closed 2025-05-01 Workers' Day
        closed 2025-05-05 Buddha's Birthday; Children's Day
        closed 2025-05-06 Alternative holiday for Buddha's Birthday; Alternative holiday for Children's Day
        closed 2025-06-03 Presidential Election Day
        closed 2025-06-06 Memorial Day
        closed 2025-08-15 Liberation Day
        closed 2025-10-03 National Foundation Day
        closed 2025-10-06 Chuseok
        closed 2025-10-07 The second day of Chuseok
        closed 2025-10-08 Alternative holiday for Chuseok
        closed 2025-10-09 Hangul Day
        special 2025-11-13 10:00-16:30
        closed 2025-12-25 Christmas Day
        closed 2025-12-31 End of Year Holiday
        closed 2026-01-01 New Year's Day
        special 2026-01-02 10:00-15:30
        closed 2026-02-16 The day preceding Korean New Year
        closed 2026-02-17 Korean New Year
        closed 2026-02-18 The second day of Korean New Year
        closed 2026-03-02 Alternative holiday for Independence Movement Day
        closed 2026-05-01 Labor Day
        closed 2026-05-05 Children's Day
        closed 2026-05-25 Alternative holiday for Buddha's Birthday
        closed 2026-06-03 Local Election Day
        closed 2026-07-17 Constitution Day
        closed 2026-08-17 Alternative holiday for Liberation Day
        closed 2026-09-24 The day preceding Chuseok
        closed 2026-09-25 Chuseok
        closed 2026-10-05 Alternative holiday for National Foundation Day
        closed 2026-10-09 Hangul Day
        special 2026-11-19 10:00-16:30
        closed 2026-12-25 Christmas Day
        closed 2026-12-31 End of Year Holiday
        closed 2027-01-01 New Year's Day
        special 2027-01-04 10:00-15:30
        closed 2027-02-08 The second day of Korean New Year
        closed 2027-02-09 Alternative holiday for Korean New Year
        closed 2027-03-01 Independence Movement Day
        closed 2027-05-05 Children's Day
        closed 2027-05-13 Buddha's Birthday
        closed 2027-07-19 Alternative holiday for Constitution Day
        closed 2027-08-16 Alternative holiday for Liberation Day
        closed 2027-09-14 The day preceding Chuseok
        closed 2027-09-15 Chuseok
        closed 2027-09-16 The second day of Chuseok
        closed 2027-10-04 Alternative holiday for National Foundation Day
        closed 2027-10-11 Alternative holiday for Hangul Day
        special 2027-11-18 10:00-16:30
        closed 2027-12-27 Alternative holiday for Christmas Day
        closed 2027-12-31 End of Year Holiday
        """#)
}
