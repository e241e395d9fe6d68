"""The weekly rule of the bench in pandas: three weeks in a row without a service, before the client exited.

Usage: alert.py events.csv AS_OF. It joins every week of every client to the services known by then, which is how one
would write it by hand; it takes corrections and late entries no account of, beyond when each row was known.
"""

import sys
import time

import pandas as pd

began = time.perf_counter()
events = pd.read_csv(sys.argv[1], parse_dates=["day"])
read = time.perf_counter() - began
as_of = pd.Timestamp(sys.argv[2]).tz_localize(None).normalize()

began = time.perf_counter()
events["day"] = (events["day"] - pd.Timestamp("1970-01-01")).dt.days
last_day = (as_of - pd.Timestamp("1970-01-01")).days
zero = events[events.what == "enrolled"].groupby("who").day.min().rename("zero")
left = events[events.what == "exited"].merge(zero, on="who")
left = left[left.day >= left.zero].groupby("who").day.min().rename("left")
people = zero.to_frame().join(left)
people["until"] = people.left.sub(1).fillna(last_day).astype(int)
weeks = ((people.until - people.zero) // 7).clip(lower=0)
asked = people.loc[people.index.repeat(weeks)].reset_index()
asked["week"] = asked.groupby("who").cumcount() + 1
asked["day"] = asked.zero + 7 * asked.week
services = events[events.what == "service-delivered"][["who", "day"]].copy()
services["service"] = services.day
joined = pd.merge_asof(
    asked.sort_values("day"), services.sort_values("day"), on="day", by="who", direction="backward"
)
stretch = (joined.service - joined.zero - 1) // 7 + 1
idle = joined.week - stretch.where(joined.service > joined.zero, 0).fillna(0)
flagged = set(joined[idle >= 3].who)
came = set(people[people.left.notna()].index)
everyone = set(people.index)
counts = [len(flagged & came), len(flagged - came), len(came - flagged), len(everyone - flagged - came)]
took = time.perf_counter() - began
print("{:.2f} s and {:.2f} s to read (tp {} fp {} fn {} tn {})".format(took, read, *counts))
