"""Methods (确定参考价的方式): their lawful order, and the online inquiry (网络询价) of all listed platforms.

Words: agreement (当事人议价), targeted inquiry (定向询价), online inquiry (网络询价), entrusted appraisal (委托评估), listed
platform (名单库平台), mandate (询价委托), report (询价报告), in time and late (按期、逾期), mean (平均值).
"""
