"""What an online inquiry may need beyond its plain course: check, correction, stay, withdrawal, re-issue, fee.

Words: check (审查), error (错误), correction (补正), stay (暂缓), withdrawal (撤回), re-issue (重新出具), fee (询价费).
"""
