"""The journal (竞价日志): what makes a bid count, in PostgreSQL, and everybody's way to read it.

Words: the *committer* (提交进程) owns a shard for one *tenure* (任期) and commits its stream in *batches* (批次);
*fenced* (隔离) means that only the present owner's commit can succeed; the *chain* (哈希链) ties each event to the
one before; a *receipt* (回执) proves that an entry was in a signed batch; an *incident* (异常事件) is what a person
and the court must know of; *halted* (停摆) is a session whose stream the rule book contradicts; an *outcome* (竞价结果)
is how a session ended. Start at ``commit_bids`` (one batch), ``own_shard`` (one tenure), ``follow_journal`` (readers).
"""
