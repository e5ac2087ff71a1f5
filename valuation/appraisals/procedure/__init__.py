"""Starting, pausing, ending an appraisal, and looking after it when time passes.

Words: start (委托评估启动), re-issue (重新出具), deferral (暂缓), withdrawal (撤回), look (到期检查).
"""
