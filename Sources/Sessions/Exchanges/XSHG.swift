/// Shanghai Stock Exchange, local time of Asia/Shanghai. Line format: ``CalendarTable``.
enum XSHG {
    static let calendar = ExchangeCalendar.embedded(
        "XSHG",
        #"""
        # Source: exchange_calendars 4.13.2 (Apache-2.0); holiday names from holidays 0.109 (MIT).
        # - holidays known only to 2026-12-31 (the State Council publishes each year's list late in the year before)
        # - next_open/next_close near the end of 2026 cannot be known
        name Shanghai Stock Exchange
        zone Asia/Shanghai
        coverage 2005-01-01 2026-12-31
        hours 2005-01-01 09:30-15:00 break 11:30-13:00
        closed 2005-01-03 New Year's Day (observed)
        closed 2005-02-07
        closed 2005-02-08
        closed 2005-02-09 Chinese New Year (Spring Festival)
        closed 2005-02-10 Chinese New Year (Spring Festival)
        closed 2005-02-11 Chinese New Year (Spring Festival)
        closed 2005-02-14 Day off (substituted from 02/05/2005)
        closed 2005-02-15 Day off (substituted from 02/06/2005)
        closed 2005-05-02 Labor Day
        closed 2005-05-03 Labor Day
        closed 2005-05-04 Labor Day (observed)
        closed 2005-05-05 Day off (substituted from 04/30/2005)
        closed 2005-05-06 Day off (substituted from 05/08/2005)
        closed 2005-10-03 National Day
        closed 2005-10-04 National Day (observed)
        closed 2005-10-05 National Day (observed)
        closed 2005-10-06 Day off (substituted from 10/08/2005)
        closed 2005-10-07 Day off (substituted from 10/09/2005)
        closed 2006-01-02 New Year's Day (observed)
        closed 2006-01-03 Day off (substituted from 12/31/2005)
        closed 2006-01-26
        closed 2006-01-27
        closed 2006-01-30 Chinese New Year (Spring Festival)
        closed 2006-01-31 Chinese New Year (Spring Festival)
        closed 2006-02-01 Chinese New Year (Spring Festival) (observed)
        closed 2006-02-02 Day off (substituted from 01/28/2006)
        closed 2006-02-03 Day off (substituted from 02/05/2006)
        closed 2006-05-01 Labor Day
        closed 2006-05-02 Labor Day
        closed 2006-05-03 Labor Day
        closed 2006-05-04 Day off (substituted from 04/29/2006)
        closed 2006-05-05 Day off (substituted from 04/30/2006)
        closed 2006-10-02 National Day
        closed 2006-10-03 National Day
        closed 2006-10-04 National Day (observed)
        closed 2006-10-05 Day off (substituted from 09/30/2006)
        closed 2006-10-06 Day off (substituted from 10/08/2006)
        closed 2007-01-01 New Year's Day
        closed 2007-01-02 Day off (substituted from 12/30/2006)
        closed 2007-01-03 Day off (substituted from 12/31/2006)
        closed 2007-02-19 Chinese New Year (Spring Festival)
        closed 2007-02-20 Chinese New Year (Spring Festival)
        closed 2007-02-21 Chinese New Year (Spring Festival) (observed)
        closed 2007-02-22 Day off (substituted from 02/17/2007)
        closed 2007-02-23 Day off (substituted from 02/25/2007)
        closed 2007-05-01 Labor Day
        closed 2007-05-02 Labor Day
        closed 2007-05-03 Labor Day
        closed 2007-05-04 Day off (substituted from 04/28/2007)
        closed 2007-05-07 Day off (substituted from 04/29/2007)
        closed 2007-10-01 National Day
        closed 2007-10-02 National Day
        closed 2007-10-03 National Day
        closed 2007-10-04 Day off (substituted from 09/29/2007)
        closed 2007-10-05 Day off (substituted from 09/30/2007)
        closed 2007-12-31 Day off (substituted from 12/29/2007)
        closed 2008-01-01 New Year's Day
        closed 2008-02-06 Chinese New Year's Eve
        closed 2008-02-07 Chinese New Year (Spring Festival)
        closed 2008-02-08 Chinese New Year (Spring Festival)
        closed 2008-02-11 Day off (substituted from 02/02/2008)
        closed 2008-02-12 Day off (substituted from 02/03/2008)
        closed 2008-04-04 Tomb-Sweeping Day
        closed 2008-05-01 Labor Day
        closed 2008-05-02 Day off (substituted from 05/04/2008)
        closed 2008-06-09 Dragon Boat Festival (observed)
        closed 2008-09-15 Mid-Autumn Festival (observed)
        closed 2008-09-29 Day off (substituted from 09/27/2008)
        closed 2008-09-30 Day off (substituted from 09/28/2008)
        closed 2008-10-01 National Day
        closed 2008-10-02 National Day
        closed 2008-10-03 National Day
        closed 2009-01-01 New Year's Day
        closed 2009-01-02 Day off (substituted from 01/04/2009)
        closed 2009-01-26 Chinese New Year (Spring Festival)
        closed 2009-01-27 Chinese New Year (Spring Festival)
        closed 2009-01-28 Chinese New Year's Eve (observed)
        closed 2009-01-29 Day off (substituted from 01/24/2009)
        closed 2009-01-30 Day off (substituted from 02/01/2009)
        closed 2009-04-06 Tomb-Sweeping Day (observed)
        closed 2009-05-01 Labor Day
        closed 2009-05-28 Dragon Boat Festival
        closed 2009-05-29 Day off (substituted from 05/31/2009)
        closed 2009-10-01 National Day
        closed 2009-10-02 National Day
        closed 2009-10-05 Mid-Autumn Festival (observed)
        closed 2009-10-06 National Day (observed)
        closed 2009-10-07 Day off (substituted from 09/27/2009)
        closed 2009-10-08 Day off (substituted from 10/10/2009)
        closed 2010-01-01 New Year's Day
        closed 2010-02-15 Chinese New Year (Spring Festival)
        closed 2010-02-16 Chinese New Year's Eve (observed)
        closed 2010-02-17 Chinese New Year (Spring Festival) (observed)
        closed 2010-02-18 Day off (substituted from 02/20/2010)
        closed 2010-02-19 Day off (substituted from 02/21/2010)
        closed 2010-04-05 Tomb-Sweeping Day
        closed 2010-05-03 Labor Day (observed)
        closed 2010-06-14 Day off (substituted from 06/12/2010)
        closed 2010-06-15 Day off (substituted from 06/13/2010)
        closed 2010-06-16 Dragon Boat Festival
        closed 2010-09-22 Mid-Autumn Festival
        closed 2010-09-23 Day off (substituted from 09/19/2010)
        closed 2010-09-24 Day off (substituted from 09/25/2010)
        closed 2010-10-01 National Day
        closed 2010-10-04 National Day (observed)
        closed 2010-10-05 National Day (observed)
        closed 2010-10-06 Day off (substituted from 09/26/2010)
        closed 2010-10-07 Day off (substituted from 10/09/2010)
        closed 2011-01-03 New Year's Day (observed)
        closed 2011-02-02 Chinese New Year's Eve
        closed 2011-02-03 Chinese New Year (Spring Festival)
        closed 2011-02-04 Chinese New Year (Spring Festival)
        closed 2011-02-07 Day off (substituted from 01/30/2011)
        closed 2011-02-08 Day off (substituted from 02/12/2011)
        closed 2011-04-04 Day off (substituted from 04/02/2011)
        closed 2011-04-05 Tomb-Sweeping Day
        closed 2011-05-02 Labor Day (observed)
        closed 2011-06-06 Dragon Boat Festival
        closed 2011-09-12 Mid-Autumn Festival
        closed 2011-10-03 National Day
        closed 2011-10-04 National Day (observed)
        closed 2011-10-05 National Day (observed)
        closed 2011-10-06 Day off (substituted from 10/08/2011)
        closed 2011-10-07 Day off (substituted from 10/09/2011)
        closed 2012-01-02 New Year's Day (observed)
        closed 2012-01-03 Day off (substituted from 12/31/2011)
        closed 2012-01-23 Chinese New Year (Spring Festival)
        closed 2012-01-24 Chinese New Year (Spring Festival)
        closed 2012-01-25 Chinese New Year's Eve (observed)
        closed 2012-01-26 Day off (substituted from 01/21/2012)
        closed 2012-01-27 Day off (substituted from 01/29/2012)
        closed 2012-04-02 Day off (substituted from 03/31/2012)
        closed 2012-04-03 Day off (substituted from 04/01/2012)
        closed 2012-04-04 Tomb-Sweeping Day
        closed 2012-04-30 Day off (substituted from 04/28/2012)
        closed 2012-05-01 Labor Day
        closed 2012-06-22 Dragon Boat Festival (observed)
        closed 2012-10-01 National Day
        closed 2012-10-02 National Day
        closed 2012-10-03 National Day
        closed 2012-10-04 Mid-Autumn Festival (observed)
        closed 2012-10-05 Day off (substituted from 09/29/2012)
        closed 2013-01-01 New Year's Day
        closed 2013-01-02 Day off (substituted from 01/05/2013)
        closed 2013-01-03 Day off (substituted from 01/06/2013)
        closed 2013-02-11 Chinese New Year (Spring Festival)
        closed 2013-02-12 Chinese New Year's Eve (observed)
        closed 2013-02-13 Chinese New Year (Spring Festival) (observed)
        closed 2013-02-14 Day off (substituted from 02/16/2013)
        closed 2013-02-15 Day off (substituted from 02/17/2013)
        closed 2013-04-04 Tomb-Sweeping Day
        closed 2013-04-05 Day off (substituted from 04/07/2013)
        closed 2013-04-29 Day off (substituted from 04/27/2013)
        closed 2013-04-30 Day off (substituted from 04/28/2013)
        closed 2013-05-01 Labor Day
        closed 2013-06-10 Day off (substituted from 06/08/2013)
        closed 2013-06-11 Day off (substituted from 06/09/2013)
        closed 2013-06-12 Dragon Boat Festival
        closed 2013-09-19 Mid-Autumn Festival
        closed 2013-09-20 Day off (substituted from 09/22/2013)
        closed 2013-10-01 National Day
        closed 2013-10-02 National Day
        closed 2013-10-03 National Day
        closed 2013-10-04 Day off (substituted from 09/29/2013)
        closed 2013-10-07 Day off (substituted from 10/12/2013)
        closed 2014-01-01 New Year's Day
        closed 2014-01-31 Chinese New Year (Spring Festival)
        closed 2014-02-03 Chinese New Year (Spring Festival) (observed)
        closed 2014-02-04 Chinese New Year (Spring Festival) (observed)
        closed 2014-02-05 Day off (substituted from 01/26/2014)
        closed 2014-02-06 Day off (substituted from 02/08/2014)
        closed 2014-04-07 Tomb-Sweeping Day (observed)
        closed 2014-05-01 Labor Day
        closed 2014-05-02 Day off (substituted from 05/04/2014)
        closed 2014-06-02 Dragon Boat Festival
        closed 2014-09-08 Mid-Autumn Festival
        closed 2014-10-01 National Day
        closed 2014-10-02 National Day
        closed 2014-10-03 National Day
        closed 2014-10-06 Day off (substituted from 09/28/2014)
        closed 2014-10-07 Day off (substituted from 10/11/2014)
        closed 2015-01-01 New Year's Day
        closed 2015-01-02 Day off (substituted from 01/04/2015)
        closed 2015-02-18 Day off (substituted from 02/15/2015)
        closed 2015-02-19 Chinese New Year (Spring Festival)
        closed 2015-02-20 Chinese New Year (Spring Festival)
        closed 2015-02-23 Chinese New Year (Spring Festival) (observed)
        closed 2015-02-24 Day off (substituted from 02/28/2015)
        closed 2015-04-06 Tomb-Sweeping Day (observed)
        closed 2015-05-01 Labor Day
        closed 2015-06-22 Dragon Boat Festival (observed)
        closed 2015-09-03 Victory Day (70th anniversary)
        closed 2015-09-04 Day off (substituted from 09/06/2015)
        closed 2015-10-01 National Day
        closed 2015-10-02 National Day
        closed 2015-10-05 National Day (observed)
        closed 2015-10-06 Mid-Autumn Festival (observed)
        closed 2015-10-07 Day off (substituted from 10/10/2015)
        closed 2016-01-01 New Year's Day
        closed 2016-02-08 Chinese New Year (Spring Festival)
        closed 2016-02-09 Chinese New Year (Spring Festival)
        closed 2016-02-10 Chinese New Year (Spring Festival)
        closed 2016-02-11 Day off (substituted from 02/06/2016)
        closed 2016-02-12 Day off (substituted from 02/14/2016)
        closed 2016-04-04 Tomb-Sweeping Day
        closed 2016-05-02 Labor Day (observed)
        closed 2016-06-09 Dragon Boat Festival
        closed 2016-06-10 Day off (substituted from 06/12/2016)
        closed 2016-09-15 Mid-Autumn Festival
        closed 2016-09-16 Day off (substituted from 09/18/2016)
        closed 2016-10-03 National Day
        closed 2016-10-04 National Day (observed)
        closed 2016-10-05 National Day (observed)
        closed 2016-10-06 Day off (substituted from 10/08/2016)
        closed 2016-10-07 Day off (substituted from 10/09/2016)
        closed 2017-01-02 New Year's Day (observed)
        closed 2017-01-27 Day off (substituted from 01/22/2017)
        closed 2017-01-30 Chinese New Year (Spring Festival)
        closed 2017-01-31 Chinese New Year (Spring Festival) (observed)
        closed 2017-02-01 Chinese New Year (Spring Festival) (observed)
        closed 2017-02-02 Day off (substituted from 02/04/2017)
        closed 2017-04-03 Day off (substituted from 04/01/2017)
        closed 2017-04-04 Tomb-Sweeping Day
        closed 2017-05-01 Labor Day
        closed 2017-05-29 Day off (substituted from 05/27/2017)
        closed 2017-05-30 Dragon Boat Festival
        closed 2017-10-02 National Day
        closed 2017-10-03 National Day
        closed 2017-10-04 Mid-Autumn Festival
        closed 2017-10-05 National Day (observed)
        closed 2017-10-06 Day off (substituted from 09/30/2017)
        closed 2018-01-01 New Year's Day
        closed 2018-02-15 Day off (substituted from 02/11/2018)
        closed 2018-02-16 Chinese New Year (Spring Festival)
        closed 2018-02-19 Chinese New Year (Spring Festival) (observed)
        closed 2018-02-20 Chinese New Year (Spring Festival) (observed)
        closed 2018-02-21 Day off (substituted from 02/24/2018)
        closed 2018-04-05 Tomb-Sweeping Day
        closed 2018-04-06 Day off (substituted from 04/08/2018)
        closed 2018-04-30 Day off (substituted from 04/28/2018)
        closed 2018-05-01 Labor Day
        closed 2018-06-18 Dragon Boat Festival
        closed 2018-09-24 Mid-Autumn Festival
        closed 2018-10-01 National Day
        closed 2018-10-02 National Day
        closed 2018-10-03 National Day
        closed 2018-10-04 Day off (substituted from 09/29/2018)
        closed 2018-10-05 Day off (substituted from 09/30/2018)
        closed 2018-12-31 Day off (substituted from 12/29/2018)
        closed 2019-01-01 New Year's Day
        closed 2019-02-04 Day off (substituted from 02/02/2019)
        closed 2019-02-05 Chinese New Year (Spring Festival)
        closed 2019-02-06 Chinese New Year (Spring Festival)
        closed 2019-02-07 Chinese New Year (Spring Festival)
        closed 2019-02-08 Day off (substituted from 02/03/2019)
        closed 2019-04-05 Tomb-Sweeping Day
        closed 2019-05-01 Labor Day
        closed 2019-05-02 Day off (substituted from 04/28/2019)
        closed 2019-05-03 Day off (substituted from 05/05/2019)
        closed 2019-06-07 Dragon Boat Festival
        closed 2019-09-13 Mid-Autumn Festival
        closed 2019-10-01 National Day
        closed 2019-10-02 National Day
        closed 2019-10-03 National Day
        closed 2019-10-04 Day off (substituted from 09/29/2019)
        closed 2019-10-07 Day off (substituted from 10/12/2019)
        closed 2020-01-01 New Year's Day
        closed 2020-01-24 Day off (substituted from 01/19/2020)
        closed 2020-01-27 Chinese New Year (Spring Festival)
        closed 2020-01-28 Chinese New Year (Spring Festival) (observed)
        closed 2020-01-29 Chinese New Year (Spring Festival) (observed)
        closed 2020-01-30 Chinese New Year (Spring Festival) (observed)
        closed 2020-01-31 Chinese New Year Extended Holiday
        closed 2020-04-06 Tomb-Sweeping Day (observed)
        closed 2020-05-01 Labor Day
        closed 2020-05-04 Day off (substituted from 04/26/2020)
        closed 2020-05-05 Day off (substituted from 05/09/2020)
        closed 2020-06-25 Dragon Boat Festival
        closed 2020-06-26 Day off (substituted from 06/28/2020)
        closed 2020-10-01 Mid-Autumn Festival; National Day
        closed 2020-10-02 National Day
        closed 2020-10-05 National Day (observed)
        closed 2020-10-06 Mid-Autumn Festival (observed)
        closed 2020-10-07 Day off (substituted from 09/27/2020)
        closed 2020-10-08 Day off (substituted from 10/10/2020)
        closed 2021-01-01 New Year's Day
        closed 2021-02-11 Day off (substituted from 02/07/2021)
        closed 2021-02-12 Chinese New Year (Spring Festival)
        closed 2021-02-15 Chinese New Year (Spring Festival) (observed)
        closed 2021-02-16 Chinese New Year (Spring Festival) (observed)
        closed 2021-02-17 Day off (substituted from 02/20/2021)
        closed 2021-04-05 Tomb-Sweeping Day (observed)
        closed 2021-05-03 Labor Day (observed)
        closed 2021-05-04 Day off (substituted from 04/25/2021)
        closed 2021-05-05 Day off (substituted from 05/08/2021)
        closed 2021-06-14 Dragon Boat Festival
        closed 2021-09-20 Day off (substituted from 09/18/2021)
        closed 2021-09-21 Mid-Autumn Festival
        closed 2021-10-01 National Day
        closed 2021-10-04 National Day (observed)
        closed 2021-10-05 National Day (observed)
        closed 2021-10-06 Day off (substituted from 09/26/2021)
        closed 2021-10-07 Day off (substituted from 10/09/2021)
        closed 2022-01-03 New Year's Day (observed)
        closed 2022-01-31 Day off (substituted from 01/29/2022)
        closed 2022-02-01 Chinese New Year (Spring Festival)
        closed 2022-02-02 Chinese New Year (Spring Festival)
        closed 2022-02-03 Chinese New Year (Spring Festival)
        closed 2022-02-04 Day off (substituted from 01/30/2022)
        closed 2022-04-04 Day off (substituted from 04/02/2022)
        closed 2022-04-05 Tomb-Sweeping Day
        closed 2022-05-02 Labor Day (observed)
        closed 2022-05-03 Day off (substituted from 04/24/2022)
        closed 2022-05-04 Day off (substituted from 05/07/2022)
        closed 2022-06-03 Dragon Boat Festival
        closed 2022-09-12 Mid-Autumn Festival (observed)
        closed 2022-10-03 National Day
        closed 2022-10-04 National Day (observed)
        closed 2022-10-05 National Day (observed)
        closed 2022-10-06 Day off (substituted from 10/08/2022)
        closed 2022-10-07 Day off (substituted from 10/09/2022)
        closed 2023-01-02 New Year's Day (observed)
        closed 2023-01-23 Chinese New Year (Spring Festival)
        closed 2023-01-24 Chinese New Year (Spring Festival)
        closed 2023-01-25 Chinese New Year (Spring Festival) (observed)
        closed 2023-01-26 Day off (substituted from 01/28/2023)
        closed 2023-01-27 Day off (substituted from 01/29/2023)
        closed 2023-04-05 Tomb-Sweeping Day
        closed 2023-05-01 Labor Day
        closed 2023-05-02 Day off (substituted from 04/23/2023)
        closed 2023-05-03 Day off (substituted from 05/06/2023)
        closed 2023-06-22 Dragon Boat Festival
        closed 2023-06-23 Day off (substituted from 06/25/2023)
        closed 2023-09-29 Mid-Autumn Festival
        closed 2023-10-02 National Day
        closed 2023-10-03 National Day
        closed 2023-10-04 National Day (observed)
        closed 2023-10-05 Day off (substituted from 10/07/2023)
        closed 2023-10-06 Day off (substituted from 10/08/2023)
        closed 2024-01-01 New Year's Day
        closed 2024-02-09 Chinese New Year's Eve
        closed 2024-02-12 Chinese New Year (Spring Festival)
        closed 2024-02-13 Chinese New Year (Spring Festival) (observed)
        closed 2024-02-14 Chinese New Year (Spring Festival) (observed)
        closed 2024-02-15 Day off (substituted from 02/04/2024)
        closed 2024-02-16 Day off (substituted from 02/18/2024)
        closed 2024-04-04 Tomb-Sweeping Day
        closed 2024-04-05 Day off (substituted from 04/07/2024)
        closed 2024-05-01 Labor Day
        closed 2024-05-02 Day off (substituted from 04/28/2024)
        closed 2024-05-03 Day off (substituted from 05/11/2024)
        closed 2024-06-10 Dragon Boat Festival
        closed 2024-09-16 Day off (substituted from 09/14/2024)
        closed 2024-09-17 Mid-Autumn Festival
        closed 2024-10-01 National Day
        closed 2024-10-02 National Day
        closed 2024-10-03 National Day
        closed 2024-10-04 Day off (substituted from 09/29/2024)
        closed 2024-10-07 Day off (substituted from 10/12/2024)
        closed 2025-01-01 New Year's Day
        closed 2025-01-28 Chinese New Year's Eve
        closed 2025-01-29 Chinese New Year (Spring Festival)
        closed 2025-01-30 Chinese New Year (Spring Festival)
        closed 2025-01-31 Chinese New Year (Spring Festival)
        closed 2025-02-03 Day off (substituted from 01/26/2025)
        closed 2025-02-04 Day off (substituted from 02/08/2025)
        closed 2025-04-04 Tomb-Sweeping Day
        closed 2025-05-01 Labor Day
        closed 2025-05-02 Labor Day
        closed 2025-05-05 Day off (substituted from 04/27/2025)
        closed 2025-06-02 Dragon Boat Festival (observed)
        closed 2025-10-01 National Day
        closed 2025-10-02 National Day
        closed 2025-10-03 National Day
        closed 2025-10-06 Mid-Autumn Festival
        closed 2025-10-07 Day off (substituted from 09/28/2025)
        closed 2025-10-08 Day off (substituted from 10/11/2025)
        closed 2026-01-01 New Year's Day
        closed 2026-01-02 Day off (substituted from 01/04/2026)
        closed 2026-02-16 Chinese New Year's Eve
        closed 2026-02-17 Chinese New Year (Spring Festival)
        closed 2026-02-18 Chinese New Year (Spring Festival)
        closed 2026-02-19 Chinese New Year (Spring Festival)
        closed 2026-02-20 Day off (substituted from 02/14/2026)
        closed 2026-02-23 Day off (substituted from 02/28/2026)
        closed 2026-04-06 Tomb-Sweeping Day (observed)
        closed 2026-05-01 Labor Day
        closed 2026-05-04 Labor Day (observed)
        closed 2026-05-05 Day off (substituted from 05/09/2026)
        closed 2026-06-19 Dragon Boat Festival
        closed 2026-09-25 Mid-Autumn Festival
        closed 2026-10-01 National Day
        closed 2026-10-02 National Day
        closed 2026-10-05 National Day (observed)
        closed 2026-10-06 Day off (substituted from 09/20/2026)
        closed 2026-10-07 Day off (substituted from 10/10/2026)
        """#)
}
