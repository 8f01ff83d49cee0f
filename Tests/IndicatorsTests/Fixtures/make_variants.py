"""Makes variants_input.csv and variants_expected.csv: variants without TA-Lib goldens, computed independently with
pandas, `ta` and TA-Lib's EMA. Formulas are the libraries' own calls, named per column."""
import sys, numpy as np, pandas as pd, talib, ta
out = sys.argv[1]
src = pd.read_csv(out + "/aapl_daily_input.csv").iloc[:160].reset_index(drop=True)
o, h, l, c, v = (src[k].astype(float) for k in ("open", "high", "low", "close", "volume"))
tp = (h + l + c) / 3
session = pd.Series(np.arange(len(c)) // 20)
e = {}
e["EMA_ADJUSTED:12"] = c.ewm(span=12, adjust=True).mean()
e["EMA_FIRST:12"] = c.ewm(span=12, adjust=False).mean()
m = c.ewm(span=12).mean() - c.ewm(span=26).mean()
e["MACD_ADJUSTED:12|26|9.macd"] = m
e["MACD_ADJUSTED:12|26|9.signal"] = m.ewm(span=9).mean()
e["MACD_ADJUSTED:12|26|9.hist"] = m - m.ewm(span=9).mean()
d = c.diff()
g, b = d.clip(lower=0), (-d).clip(lower=0)
e["RSI_SIMPLE:14"] = 100 - 100 / (1 + g.rolling(14).mean() / b.rolling(14).mean())
e["STDDEV_SAMPLE:5|1"] = c.rolling(5).std(ddof=1)
s20 = c.rolling(20).std(ddof=1); m20 = c.rolling(20).mean()
e["BBANDS_SAMPLE:20|2|2.upper"] = m20 + 2 * s20
e["BBANDS_SAMPLE:20|2|2.middle"] = m20
e["BBANDS_SAMPLE:20|2|2.lower"] = m20 - 2 * s20
tr = pd.concat([h - l, (h - c.shift()).abs(), (l - c.shift()).abs()], axis=1).max(axis=1, skipna=False)
e["ATR_SIMPLE:14"] = tr.rolling(14).mean()
e["VWAP"] = (tp * v).groupby(session).cumsum() / v.groupby(session).cumsum()
e["VWAP_ROLLING:14"] = ta.volume.VolumeWeightedAveragePrice(h, l, c, v, window=14).volume_weighted_average_price()
e["VPT"] = (v * c.pct_change()).cumsum()
e["VPT_BAR"] = v * c.pct_change()
f = (d * v).to_numpy()
e["FORCE:13"] = pd.Series(np.concatenate([[np.nan], talib.EMA(f[1:], 13)]))
e["FORCE2"] = c.diff(2) * v
table = pd.DataFrame(e)
src.drop(columns="ts").to_csv(out + "/variants_input.csv", index=False)
table.to_csv(out + "/variants_expected.csv", index=False, float_format="%.15g")
print(table.iloc[[0, 1, 20, -1]].T, pd.__version__, talib.__version__)
