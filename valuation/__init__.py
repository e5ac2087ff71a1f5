"""Valuation: produces one thing, a reference price (参考价) with its evidence.

Words: *facts* (财产现状调查: title, burdens, occupancy, unpaid taxes, defects), *agreement* (当事人议价), *targeted
inquiry* (定向询价), *online inquiry* (网络询价) of all listed *platforms* (名单库平台), *entrusted appraisal* (委托评估) by
a *valuation agency* (评估机构), *draw* (摇号), *objection* (异议).
"""
