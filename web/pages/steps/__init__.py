"""Steps of officers by hand: each command that has no page of its own is declared here as a form, beside its route.

A form is data: the command that it sends, its heading and article, the stage of the case, its fields. One page shows
and takes all of them; what it sends passes the same door as the API (`web.command_door`). Ids are chosen from lists of
the case or made from the command's id, so nobody types one.

Words: step (办理事项), stage (办理阶段), field (填写项), group (重复填写项: facts, members), row (一组), derived (由系统填入: what
the form does not ask), known (已知情况: what a form knows of its case), fits (可以办理: whether a step is offered now).
"""
