"""The enforcement file (执行案件): who is in it, what is seized, which documents were issued, sealed and served.

Words: party (当事人及利害关系人), asset (财产), fact of an asset (财产现状调查事项), seizure in force (有效查封), draft (草稿),
seal (院印), service (送达), platform choice (选择平台), barred person (不得竞买的人).
"""
