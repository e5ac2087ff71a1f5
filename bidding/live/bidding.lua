#!lua name=fapai_bid_@VERSION@
--[[
The only writer of live state (D3). Every function decides at one instant of one clock and writes at once.

KEYS of most functions: [1] hash of the shard, [2] stream of the shard, [3] hash of the room, [4] hash of its decided
bid ids; the keys of a call carry one hash tag. ARGV[1] is always the caller's epoch (head, snapshot: none).
Names of keys, hash fields and entry fields: bidding/live/keys.py, open_session.py, restore_room.py. The rules
themselves: bidding/rules/engine.py, which this text must equal decision by decision (tests hold them together).

A room's hash holds few fields, because each value that passes between Lua and the server costs a third of a
microsecond: `n` the numbers of the state, packed; `q` its texts; `r` the rules of the terms, a line each name and
value; `j` the terms as published; `epoch`; and a field for each bidder (b:, t:, x:) and uncommitted event (p:).

Invariants:
 1. A caller of another epoch is refused; an owner's call needs the owner's token as well.
 2. Stamps never go backwards within a lot; numbers of a lot run 1, 2, 3 ... ; ids of the stream only grow.
 3. Each entry carries the digest of the entry before it.
 4. Numbers are doubles: exact below 2^53. They become text by %d only, because `..` keeps 14 digits.
 5. While a lot's oldest uncommitted event is older than STALL_US its clock stands: no bid, no close (bid-core 11).
 6. Nothing is decided, and no owner is heard, on another process of the server than the one on which the owner began:
    a restarted server or a promoted replica may lack what was committed (bid-core 3, 7).
]]

local STALL_US = 2000000
local REMEMBERED = 32       -- accepted and refused ids that a bidder's join snapshot lists, each
local LISTED_PER_S = 10     -- refusals of one bidder that the stream lists in one second; further ones are counted
local CHUNK = 1000          -- most fields in one HDEL
local PROBE = '0-probe'     -- reserved code of the availability probe: nobody is admitted under it (session.py)

-- New numbers and texts are added at the end only: what an older version of this text has packed stays readable.
local NUMBERS = {
  'seq', 'last', 'opens', 'ends', 'price', 'lmax', 'smax', 'count', 'bseq', 'cseq', 'pseq', 'left', 'committed',
  'oldest', 'stalled', 'exts', 'sseq',
}
local TEXTS = { 'phase', 'leader', 'kind', 'ground', 'restoring' }
local PARTS = { n = true, q = true, r = true }    -- fields that pack several of them
local FIRST_NUMBERS = 15    -- so many the first version packed
local RULES_LIMIT = 4096    -- most sets of rules that are kept parsed

-- What is worked out once; while the library is loaded the server gives it no `ipairs` and no `string`.
local PACKED, PARSED = {}, 0
local FORMATS, TEXTS_PATTERN, KINDS_OF = {}, nil, nil

-- Tell 'number' or 'text' of a name of the state; nil: it is none.
local function kind_of(name)
  if not KINDS_OF then
    KINDS_OF = {}
    for _, number in ipairs(NUMBERS) do KINDS_OF[number] = 'number' end
    for _, word in ipairs(TEXTS) do KINDS_OF[word] = 'text' end
  end
  return KINDS_OF[name]
end

local function format_of(count)
  local format = FORMATS[count]
  if not format then
    format = '<' .. string.rep('d', count)
    FORMATS[count] = format
  end
  return format
end

local function text(number)
  return string.format('%d', number)
end

local function clock_us(shard_key)
  local time = redis.call('TIME')
  local us = tonumber(time[1]) * 1000000 + tonumber(time[2])
  -- @clock: a test build of this library inserts its movable clock below this line.
  return us
end

-- Which process of a server this is, and since which promotion: what functions write goes to replicas and into logs, this
-- name does not. It is looked up once for each load of this text. A primary that becomes a replica and has to be given everything anew is
-- given the libraries too, so that it looks again when it is promoted once more; its second name then differs from the first.
local PROCESS = nil

local function this_process()
  if not PROCESS then
    local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
    PROCESS = run .. ':' .. string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  end
  return PROCESS
end

-- The shard.

local function load_shard(key)
  local found = redis.call('HMGET', key, 'epoch', 'since', 'seq', 'digest', 'token', 'stalled', 'process')
  if not found[1] then return nil end
  return {
    key = key, epoch = tonumber(found[1]), since = tonumber(found[2]), seq = tonumber(found[3]),
    digest = found[4], token = found[5], stalled = tonumber(found[6]), process = found[7],
  }
end

-- Whether the owner began on another process (false also where an owner of an older version did not say on which).
local function began_elsewhere(shard)
  return shard.process and shard.process ~= this_process()
end

-- Append one entry; `lines` are names and values, a line each, in the order in which the digest reads them.
local function append(shard, stream, lines)
  shard.seq = shard.seq + 1
  local id = string.format('%d-%d', shard.epoch, shard.seq)
  local digest = redis.sha1hex(shard.digest .. '\n' .. id .. '\n' .. lines)
  redis.call('XADD', stream, id, 'd', shard.digest, 'f', lines)
  shard.digest = digest
  redis.call('HSET', shard.key, 'seq', text(shard.seq), 'digest', digest)
end

-- The room. Changes are collected and written by `save`, once per call.

-- Parse the rules of a room: names and values, a line each. The same text is parsed once.
local function rules_of(lines)
  local rules = PACKED[lines]
  if rules then return rules end
  if PARSED >= RULES_LIMIT then PACKED, PARSED = {}, 0 end
  rules = {}
  for name, value in string.gmatch(lines, '([^\n]*)\n([^\n]*)\n') do rules[name] = tonumber(value) or value end
  rules.self, rules.refusal = rules.self == 1, rules.refusal == 1
  rules = { __index = rules }
  PACKED[lines], PARSED = rules, PARSED + 1
  return rules
end

local function pack_numbers(lot)
  local values = {}
  for index, name in ipairs(NUMBERS) do values[index] = lot[name] or 0 end
  return struct.pack(format_of(#NUMBERS), unpack(values))
end

local function pack_texts(lot)
  local values = {}
  for index, name in ipairs(TEXTS) do values[index] = lot[name] or '' end
  return table.concat(values, ' ') .. ' '
end

-- Fill the state of a room from what is packed; what an older version did not know is zero or empty.
local function unpack_state(lot, numbers, texts)
  local known = #numbers / 8
  if known < FIRST_NUMBERS or known ~= math.floor(known) then error('the state of a room is damaged') end
  local values = { struct.unpack(format_of(known), numbers) }
  for index, name in ipairs(NUMBERS) do lot[name] = index <= known and values[index] or 0 end
  if not TEXTS_PATTERN then TEXTS_PATTERN = '^' .. string.rep('([^ ]*) ', #TEXTS) end
  local found = { string.match(texts, TEXTS_PATTERN) }
  if #found == 0 then for value in string.gmatch(texts, '([^ ]*) ') do found[#found + 1] = value end end
  for index, name in ipairs(TEXTS) do lot[name] = found[index] or '' end
end

-- Give the fields of a room's hash for names and values of terms and state (`args` from `first` on).
local function fields_of(args, first, state)
  local rules, terms = {}, nil
  for index = first, #args, 2 do
    local name, value = args[index], args[index + 1]
    local kind = kind_of(name)
    if kind == 'number' then
      state[name] = tonumber(value)
    elseif kind == 'text' then
      state[name] = value
    elseif name == 'j' then
      terms = value
    else
      rules[#rules + 1] = name .. '\n' .. value .. '\n'
    end
  end
  return {
    'n', pack_numbers(state), 'q', pack_texts(state), 'r', table.concat(rules), 'j', terms, 'epoch', state.epoch,
  }
end

local function set(lot, name, value)
  lot[name] = value
  if kind_of(name) == 'number' then lot.numbers_changed = true else lot.texts_changed = true end
end

local function set_other(lot, field, value)
  local changes = lot.changes
  changes[#changes + 1] = field
  changes[#changes + 1] = value
end

local function save(lot)
  if lot.numbers_changed then set_other(lot, 'n', pack_numbers(lot)) end
  if lot.texts_changed then set_other(lot, 'q', pack_texts(lot)) end
  if #lot.changes > 0 then redis.call('HSET', lot.key, unpack(lot.changes)) end
end

local function load_lot(key, id, code)
  local values
  if code then
    values = redis.call('HMGET', key, 'n', 'q', 'r', 'epoch', 'b:' .. code, 't:' .. code, 'x:' .. code)
  else
    values = redis.call('HMGET', key, 'n', 'q', 'r', 'epoch')
  end
  if not values[1] or not values[4] then return nil end
  local lot = { key = key, id = id, changes = {}, epoch = tonumber(values[4]) }
  setmetatable(lot, rules_of(values[3]))
  unpack_state(lot, values[1], values[2])
  lot.admission, lot.bucket, lot.listed = values[5], values[6], values[7]
  return lot
end

-- An admission: rank, agent, number of its event, and the code whose person he is, where the court has decided that.
local function rank_of(admission)
  return tonumber(string.match(admission, '^(%d+) '))
end

-- Give the one code that stands for everybody whom the court decided to be this code's person (engine: person_of), or
-- `stop` as soon as the way there leads over it.
local function person_of(lot, code, stop)
  while code ~= stop do
    local admission = redis.call('HGET', lot.key, 'b:' .. code)
    local same = admission and string.match(admission, '^%d+ %d %d+ (%S+)$')
    if not same then return code end
    code = same
  end
  return code
end

-- Replies: reason or 'ok', sequence, epoch, price, end, at, duplicate. See decision.py.

local function reply(shard, lot, reason, sequence, at, duplicate)
  return {
    reason, text(sequence), text(shard and shard.epoch or 0), text(lot and lot.price or 0),
    text(lot and lot.ends or 0), text(at or 0), duplicate and '1' or '0',
  }
end

-- Give shard and lot, or nil, nil and the reply that refuses the caller.
local function enter(keys, args, code)
  local shard = load_shard(keys[1])
  if not shard or text(shard.epoch) ~= args[1] then return nil, nil, reply(shard, nil, 'wrong_epoch', 0) end
  if began_elsewhere(shard) then return nil, nil, reply(shard, nil, 'room_rebuilding', 0) end
  local lot = load_lot(keys[3], args[2], code)
  if not lot or lot.epoch < shard.since then return nil, nil, reply(shard, nil, 'room_missing', 0) end
  if lot.restoring == '1' then return nil, nil, reply(shard, lot, 'room_rebuilding', 0) end
  lot.at = math.max(clock_us(keys[1]), lot.last)
  return shard, lot
end

-- Since when the clock of this room stands; zero: it runs.
local function stands_since(shard, lot)
  local since = lot.stalled
  if since == 0 and lot.oldest > 0 and lot.at - lot.oldest > STALL_US then since = lot.oldest + STALL_US end
  if shard.stalled > 0 and (since == 0 or shard.stalled < since) then since = shard.stalled end
  return since
end

-- Number, stamp and append one event of the lot.
local function happen(shard, lot, stream, kind, lines)
  local seq = lot.seq + 1
  if type(lines) == 'table' then lines = table.concat(lines, '\n') end
  append(shard, stream, string.format('t\n%s\nl\n%s\nn\n%d\na\n%d\n%s', kind, lot.id, seq, lot.at, lines))
  if lot.committed == lot.seq then set(lot, 'oldest', lot.at) end
  set(lot, 'seq', seq)
  set(lot, 'last', lot.at)
  set_other(lot, 'p:' .. text(seq), text(lot.at))
  return seq
end

-- Close the room if its end had passed before its clock stopped (or now); the event is appended once (bid-core 13).
local function close_if_due(shard, lot, stream)
  if lot.phase ~= 'running' then return end
  local since = stands_since(shard, lot)
  if lot.at < lot.ends or (since > 0 and since < lot.ends) then return end
  local seq = happen(shard, lot, stream, 'closed', { 'e', text(lot.ends), 'p', text(lot.price), 'w', lot.leader })
  set(lot, 'phase', 'closed')
  set(lot, 'pseq', seq)
end

local function stands(shard, lot)
  return lot.phase == 'running' and stands_since(shard, lot) > 0
end

-- What a closed or withdrawn session can no longer take.
local function over(lot)
  if lot.phase == 'closed' then return 'after_end' end
  if lot.phase == 'withdrawn' then return 'withdrawn' end
  return nil
end

-- Bids.

local function well_formed(args)
  local _, _, bid_id, code, amount, kind, received, confirmed = unpack(args)
  if not string.match(amount, '^[1-9]%d*$') or #amount > 14 then return 'amount_malformed' end
  if not string.match(bid_id, '^[%w-]+$') or #bid_id > 36 then return 'bid_malformed' end
  if not string.match(code, '^[%w-]+$') or #code > 32 then return 'bid_malformed' end
  if kind ~= 'bid' and kind ~= 'match' then return 'bid_malformed' end
  if not string.match(received, '^%d+$') or #received > 16 then return 'bid_malformed' end
  if confirmed ~= '0' and confirmed ~= amount then return 'bid_malformed' end
  return nil
end

local function increment_at(lot, price)
  local increment = lot.inc
  for from, step in string.gmatch(lot.bands, '(%d+):(%d+)') do
    if tonumber(from) <= price then increment = tonumber(step) end
  end
  return increment
end

-- Options that a notice may announce (bidding/rules/options.py). The rules of a room of an older text name none of them.
-- csteps, cfen: above what a bid needs its confirmation, zero: never. growth: 'extensions:times,...'.

local function grows(lot)
  return (lot.growth or '') ~= ''
end

local function present(lot)
  return lot.price > 0 and lot.price or lot.start
end

-- The increment of a ladder of multiples: times the announced one after so many extensions.
local function increment_now(lot)
  local times = 1
  if grows(lot) then
    for after, growth in string.gmatch(lot.growth, '(%d+):(%d+)') do
      if tonumber(after) <= lot.exts then times = tonumber(growth) end
    end
  end
  return lot.inc * times
end

-- Give the decision on an id seen before, or on one too old to be told from a forgotten one; nil: it is new.
local function remembered(shard, lot, ids, bid)
  local known = redis.call('HMGET', ids, 'v:' .. bid.code .. ':' .. bid.id, 'e:' .. bid.code, 'a:' .. bid.code)
  lot.accepted = tonumber(known[3] or '0')
  if known[1] then
    local amount, kind, reason, seq, price, ends, at =
      string.match(known[1], '^(%d+) (%a+) ([%a_]+) (%d+) (%d+) (%d+) (%d+)$')
    if amount ~= text(bid.amount) or (kind ~= bid.kind) then
      return reply(shard, lot, 'bid_id_reused', tonumber(seq), lot.at)
    end
    return { reason, seq, text(shard.epoch), price, ends, at, '1' }
  end
  if known[2] and bid.id <= known[2] then return reply(shard, lot, 'bid_id_expired', 0, lot.at) end
  return nil
end

-- Take one bid from the bidder's bucket; false: it is empty. Counts in millionths, so that all stays whole.
local function take_token(lot, code)
  if lot.rps == 0 then return true end
  local full = lot.burst * 1000000
  local tokens = full
  if lot.bucket then
    local left, since = string.match(lot.bucket, '^(%d+) (%d+)$')
    tokens = math.min(full, tonumber(left) + (lot.at - tonumber(since)) * lot.rps)
  end
  local enough = tokens >= 1000000
  if enough then tokens = tokens - 1000000 end
  set_other(lot, 't:' .. code, text(tokens) .. ' ' .. text(lot.at))
  return enough
end

local function judge_match(lot, rank, amount)
  if not lot.refusal or rank == 0 then return 'no_first_refusal_right', 0 end
  if lot.price == 0 then return 'no_price_to_match', 0 end
  if amount ~= lot.price then return 'match_not_at_price', lot.bseq end
  local leading = rank_of(redis.call('HGET', lot.key, 'b:' .. lot.leader))
  if leading > 0 and leading <= rank then return 'outranked', lot.bseq end
  return nil
end

local function judge_amount(lot, code, amount)
  if amount < lot.start then return 'bid_below_start', 0 end
  local own_maximum = lot.rule == 'proxy' and lot.leader == code
  if amount <= (own_maximum and lot.lmax or lot.price) then return 'not_higher', lot.bseq end
  if lot.ladder == 'multiples' and math.fmod(amount - present(lot), increment_now(lot)) ~= 0 then
    return 'off_ladder', grows(lot) and lot.bseq or 0
  end
  if lot.ladder == 'at_least_increment' and lot.price > 0 and not own_maximum
    and amount < lot.price + increment_at(lot, lot.price) then
    return 'below_increment', lot.bseq
  end
  return nil
end

-- Whether an amount needs its confirmation. Products beyond 2^53 are inexact, but then far beyond any amount.
local function asks_again(lot, amount)
  local steps, limit = lot.csteps or 0, lot.cfen or 0
  if steps > 0 and amount > present(lot) + steps * increment_now(lot) then return true end
  return limit > 0 and amount > limit
end

-- Give the reason against a bid and the number it rests on, or nil, the kind that the bid is of, and whether the notice
-- asked for the confirmation that it carries.
local function judge(lot, bid)
  if over(lot) then return over(lot), lot.pseq end
  if lot.phase == 'stopped' then return 'stopped', lot.pseq end
  if lot.at < lot.opens then return 'before_open', lot.cseq end
  if lot.leader == bid.code and (bid.kind == 'match' or not lot.self) then return 'own_lead', lot.bseq end
  if lot.sseq > 0 and lot.leader ~= '' and lot.leader ~= bid.code
    and person_of(lot, lot.leader) == person_of(lot, bid.code) then
    return 'same_person_leads', math.max(lot.bseq, lot.sseq)
  end
  local rank = rank_of(lot.admission)
  local matches = bid.kind == 'match'
    or (lot.refusal and rank > 0 and lot.price > 0 and bid.amount == lot.price and lot.leader ~= bid.code)
  local reason, rests_on
  if matches then
    reason, rests_on = judge_match(lot, rank, bid.amount)
  else
    reason, rests_on = judge_amount(lot, bid.code, bid.amount)
  end
  if reason then return reason, rests_on end
  local asked = not matches and asks_again(lot, bid.amount)
  if asked and not bid.confirmed then return 'confirmation_required', lot.bseq end
  return nil, matches and 'match' or 'bid', asked
end

-- Set leader, maxima and visible price after an acceptable amount.
local function set_price(lot, code, amount)
  if lot.rule == 'ascending' or lot.price == 0 then
    set(lot, 'leader', code)
    set(lot, 'lmax', amount)
    set(lot, 'price', lot.rule == 'ascending' and amount or lot.start)
    return
  end
  if code == lot.leader then
    set(lot, 'lmax', amount)
  elseif amount > lot.lmax then
    set(lot, 'smax', lot.lmax)
    set(lot, 'leader', code)
    set(lot, 'lmax', amount)
  else
    set(lot, 'smax', math.max(lot.smax, amount))
  end
  if lot.smax > 0 then
    local shown = math.min(lot.lmax, lot.smax + increment_at(lot, lot.smax))
    set(lot, 'price', math.max(lot.price, shown))
  end
end

-- Remember an id in the bidder's ring ('a' accepted: never forgotten, 'r' refused: the oldest gives way), in which
-- `count` were before.
local function remember(ids, ring, bid, count, value)
  local counter = ring .. ':' .. bid.code
  local slot = counter .. ':' .. text(math.fmod(count, REMEMBERED))
  if ring == 'r' and count >= REMEMBERED then
    local oldest = redis.call('HGET', ids, slot)
    local mark = redis.call('HGET', ids, 'e:' .. bid.code)
    redis.call('HDEL', ids, 'v:' .. bid.code .. ':' .. oldest)
    if not mark or mark < oldest then redis.call('HSET', ids, 'e:' .. bid.code, oldest) end
  end
  redis.call('HSET', ids, 'v:' .. bid.code .. ':' .. bid.id, value, slot, bid.id, counter, text(count + 1))
end

-- List a refusal in the stream, or count it if the bidder has too many in this second (bid-core 15).
local function list_refusal(shard, lot, stream, bid, reason, rests_on)
  local since, count, suppressed = lot.at, 0, 0
  if lot.listed then
    local a, b, c = string.match(lot.listed, '^(%d+) (%d+) (%d+)$')
    suppressed = tonumber(c)
    if lot.at - tonumber(a) < 1000000 then since, count = tonumber(a), tonumber(b) end
  end
  if count < LISTED_PER_S then
    append(shard, stream, string.format(
      't\nrefused\nl\n%s\nn\n%d\na\n%d\nb\n%s\nc\n%s\nm\n%d\nk\n%s\nr\n%s\nx\n%s\nz\n%d', lot.id, rests_on, lot.at,
      bid.id, bid.code, bid.amount, bid.kind, reason, bid.received, suppressed
    ))
    count, suppressed = count + 1, 0
  else
    suppressed = suppressed + 1
  end
  set_other(lot, 'x:' .. bid.code, text(since) .. ' ' .. text(count) .. ' ' .. text(suppressed))
end

local function value_of(lot, bid, reason, sequence)
  return string.format('%d %s %s %d %d %d %d', bid.amount, bid.kind, reason, sequence, lot.price, lot.ends, lot.at)
end

local function refuse(shard, lot, keys, bid, reason, rests_on)
  set(lot, 'last', lot.at)
  list_refusal(shard, lot, keys[2], bid, reason, rests_on)
  local count = tonumber(redis.call('HGET', keys[4], 'r:' .. bid.code) or '0')
  remember(keys[4], 'r', bid, count, value_of(lot, bid, reason, rests_on))
  return reply(shard, lot, reason, rests_on, lot.at)
end

local function accept(shard, lot, keys, bid, kind, asked)
  local opens_competition = lot.price == 0 and (lot.comp or 0) > 0
  set_price(lot, bid.code, bid.amount)
  local ends = lot.ends
  if opens_competition then
    ends = lot.at + lot.comp
  elseif lot.window > 0 and lot.ends - lot.at <= lot.window then
    ends = math.max(ends, (lot.xfrom == 'end' and lot.ends or lot.at) + lot.ext)
  end
  local extended = ends > lot.ends
  local lines = string.format(
    'b\n%s\nc\n%s\nm\n%d\nk\n%s\np\n%d\nw\n%s\ne\n%d\nh\n%s\nx\n%s', bid.id, bid.code, bid.amount, kind,
    lot.price, lot.leader, ends, extended and '1' or '0', bid.received
  )
  if asked then lines = lines .. '\nu\n1' end
  if grows(lot) then
    if extended and not opens_competition then set(lot, 'exts', lot.exts + 1) end
    lines = string.format('%s\nv\n%d', lines, lot.exts)
  end
  local seq = happen(shard, lot, keys[2], 'bid', lines)
  set(lot, 'count', lot.count + 1)
  set(lot, 'bseq', seq)
  if ends ~= lot.ends then
    set(lot, 'ends', ends)
    set(lot, 'cseq', seq)
  end
  remember(keys[4], 'a', bid, lot.accepted, value_of(lot, bid, 'ok', seq))
  return reply(shard, lot, 'ok', seq, lot.at)
end

-- ARGV: epoch, lot, bid id, bidder code, amount, kind, received, confirmed amount (0: none).
local function place(keys, args)
  local malformed = well_formed(args)
  local shard, lot, refused = enter(keys, args, not malformed and args[4] or nil)
  if refused then return refused end
  if args[4] == PROBE then
    return reply(shard, lot, stands(shard, lot) and 'room_stalled' or 'not_admitted', 0, lot.at)
  end
  close_if_due(shard, lot, keys[2])
  local bid = { id = args[3], code = args[4], amount = tonumber(args[5]), kind = args[6], received = args[7] }
  bid.confirmed = args[8] ~= '0'
  local answer
  if malformed then
    answer = reply(shard, lot, malformed, 0, lot.at)
  elseif not lot.admission then
    answer = reply(shard, lot, 'not_admitted', 0, lot.at)
  else
    answer = remembered(shard, lot, keys[4], bid)
    if not answer and stands(shard, lot) then answer = reply(shard, lot, 'room_stalled', 0, lot.at) end
    if not answer and not take_token(lot, bid.code) then answer = reply(shard, lot, 'rate_limited', 0, lot.at) end
  end
  if not answer then
    local reason, detail, asked = judge(lot, bid)
    if reason then
      answer = refuse(shard, lot, keys, bid, reason, detail)
    else
      answer = accept(shard, lot, keys, bid, detail, asked)
    end
  end
  save(lot)
  return answer
end

-- ARGV: epoch, bidder code. KEYS: shard, room, ids. Gives id, value, id, value ... of both rings.
local function recall(keys, args)
  local shard = load_shard(keys[1])
  local epoch = redis.call('HGET', keys[2], 'epoch')
  if not shard or text(shard.epoch) ~= args[1] or not epoch or tonumber(epoch) < shard.since then return {} end
  if began_elsewhere(shard) then return {} end
  local names = {}
  for slot = 0, REMEMBERED - 1 do
    names[#names + 1] = 'a:' .. args[2] .. ':' .. text(slot)
    names[#names + 1] = 'r:' .. args[2] .. ':' .. text(slot)
  end
  local result = {}
  for _, id in ipairs(redis.call('HMGET', keys[3], unpack(names))) do
    if id then
      result[#result + 1] = id
      result[#result + 1] = redis.call('HGET', keys[3], 'v:' .. args[2] .. ':' .. id)
    end
  end
  return result
end

-- The session.

-- ARGV: epoch, lot, then names and values of the terms. KEYS[4]: set of lots.
local function open(keys, args)
  local shard = load_shard(keys[1])
  if not shard or text(shard.epoch) ~= args[1] then return reply(shard, nil, 'wrong_epoch', 0) end
  if began_elsewhere(shard) then return reply(shard, nil, 'room_rebuilding', 0) end
  local terms = {}
  for index = 3, #args, 2 do terms[args[index]] = args[index + 1] end
  local known = redis.call('HMGET', keys[3], 'j', 'epoch')
  if known[1] and tonumber(known[2]) >= shard.since then
    local lot = load_lot(keys[3], args[2])
    if known[1] == terms.j then return reply(shard, lot, 'ok', 1, lot.last, true) end
    return reply(shard, lot, 'session_exists', 1, lot.last)
  end
  local at = clock_us(keys[1])
  if at >= tonumber(terms.ends) then return reply(shard, nil, 'already_opened', 0, at) end
  redis.call('DEL', keys[3])
  local state = { phase = 'running', cseq = 1, restoring = '0', epoch = text(shard.epoch) }
  redis.call('HSET', keys[3], unpack(fields_of(args, 3, state)))
  redis.call('SADD', keys[4], args[2])
  local lot = load_lot(keys[3], args[2])
  lot.at = at
  happen(shard, lot, keys[2], 'opened', { 'j', terms.j })
  save(lot)
  return reply(shard, lot, 'ok', 1, at)
end

-- ARGV: epoch, lot, bidder code, rank, agent.
local function admit(keys, args)
  local shard, lot, refused = enter(keys, args, args[3])
  if refused then return refused end
  if not string.match(args[3], '^[%w-]+$') or #args[3] > 32 or not string.match(args[4], '^%d%d?%d?$') then
    return reply(shard, lot, 'bid_malformed', 0, lot.at)
  end
  close_if_due(shard, lot, keys[2])
  local facts = args[4] .. ' ' .. args[5]
  local answer
  if lot.admission then
    local known, seq = string.match(lot.admission, '^(%d+ %d) (%d+)')
    if known == facts then
      answer = reply(shard, lot, 'ok', tonumber(seq), lot.at, true)
    else
      answer = reply(shard, lot, 'code_taken', lot.seq, lot.at)
    end
  elseif over(lot) then
    answer = reply(shard, lot, over(lot), lot.pseq, lot.at)
  elseif stands(shard, lot) then
    answer = reply(shard, lot, 'room_stalled', 0, lot.at)
  else
    local seq = happen(shard, lot, keys[2], 'admitted', { 'c', args[3], 'f', args[4], 'g', args[5] })
    set_other(lot, 'b:' .. args[3], facts .. ' ' .. text(seq))
    answer = reply(shard, lot, 'ok', seq, lot.at)
  end
  save(lot)
  return answer
end

-- Tell whose person an admitted code is (`same` empty: nobody's but its own); give the reason against it, nil: it is so.
local function tell_one(shard, lot, stream, code, same)
  local admission = redis.call('HGET', lot.key, 'b:' .. code)
  if not admission then return 'not_admitted' end
  if same ~= '' and redis.call('HEXISTS', lot.key, 'b:' .. same) == 0 then return 'not_admitted' end
  local rank, agent, told = string.match(admission, '^(%d+) (%d) %d+ ?(%S*)$')
  if told == same then return nil end
  if same ~= '' and person_of(lot, same, code) == code then return 'code_taken' end
  local lines = { 'c', code, 'f', rank, 'g', agent }
  if same ~= '' then lines[7], lines[8] = 's', same end
  local seq = happen(shard, lot, stream, 'admitted', lines)
  local field = rank .. ' ' .. agent .. ' ' .. text(seq) .. (same == '' and '' or ' ' .. same)
  redis.call('HSET', lot.key, 'b:' .. code, field)  -- at once: the next word of this call reads it
  set(lot, 'sseq', seq)
  return nil
end

-- ARGV: epoch, lot, then code and code of the same person (empty: none), again and again: told in this order, at one
-- instant, up to the first that is refused. The keys of a bid, without those of its ids.
local function tell(keys, args)
  local shard, lot, refused = enter(keys, args)
  if refused then return refused end
  for index = 3, #args, 2 do
    local code, same = args[index], args[index + 1]
    if not same or not string.match(code, '^[%w-]+$') or #code > 32 or not string.match(same, '^[%w-]*$') or #same > 32 then
      return reply(shard, lot, 'bid_malformed', 0, lot.at)
    end
  end
  close_if_due(shard, lot, keys[2])
  local answer
  if over(lot) then
    answer = reply(shard, lot, over(lot), lot.pseq, lot.at)
  elseif stands(shard, lot) then
    answer = reply(shard, lot, 'room_stalled', 0, lot.at)
  else
    local before, reason = lot.seq, nil
    for index = 3, #args, 2 do
      reason = reason or tell_one(shard, lot, keys[2], args[index], args[index + 1])
    end
    answer = reply(shard, lot, reason or 'ok', reason and lot.seq or lot.sseq, lot.at, not reason and lot.seq == before)
  end
  save(lot)
  return answer
end

-- ARGV: epoch, lot. Accepted with sequence zero: nothing was due.
local function tick(keys, args)
  local shard, lot, refused = enter(keys, args)
  if refused then return refused end
  local before = lot.phase
  close_if_due(shard, lot, keys[2])
  save(lot)
  if lot.phase == 'closed' then return reply(shard, lot, 'ok', lot.pseq, lot.at, before == 'closed') end
  if stands(shard, lot) then return reply(shard, lot, 'room_stalled', 0, lot.at) end
  return reply(shard, lot, 'ok', 0, lot.at)
end

local function stop_at(shard, lot, stream, kind, ground, since)
  local left = lot.left
  if lot.phase ~= 'stopped' then left = lot.ends - math.max(since, lot.opens) end
  local seq = happen(shard, lot, stream, 'stopped', { 'q', kind, 'g', ground, 's', text(since), 'y', text(left) })
  set(lot, 'phase', kind == 'withdrawal' and 'withdrawn' or 'stopped')
  set(lot, 'pseq', seq)
  set(lot, 'kind', kind)
  set(lot, 'ground', ground)
  set(lot, 'left', left)
  return seq
end

local KINDS = { deferral = true, stay = true, withdrawal = true, emergency_pause = true }

-- ARGV: epoch, lot, kind, ground.
local function stop(keys, args)
  local shard, lot, refused = enter(keys, args)
  if refused then return refused end
  if not KINDS[args[3]] or not string.match(args[4], '^[%w_.:-]+$') or #args[4] > 64 then
    return reply(shard, lot, 'bid_malformed', 0, lot.at)
  end
  close_if_due(shard, lot, keys[2])
  local answer
  if over(lot) then
    answer = reply(shard, lot, over(lot), lot.pseq, lot.at)
  elseif lot.phase == 'stopped' and lot.kind == args[3] and lot.ground == args[4] then
    answer = reply(shard, lot, 'ok', lot.pseq, lot.at, true)
  else
    local since = stands_since(shard, lot)
    local seq = stop_at(shard, lot, keys[2], args[3], args[4], since > 0 and since or lot.at)
    answer = reply(shard, lot, 'ok', seq, lot.at)
  end
  save(lot)
  return answer
end

local function resume_at(shard, lot, stream, hour)
  local resumes = math.max(lot.at, hour)
  local ends = resumes + math.max(lot.left, lot.least)
  local seq = happen(shard, lot, stream, 'resumed', { 'o', text(resumes), 'e', text(ends) })
  set(lot, 'phase', 'running')
  set(lot, 'pseq', seq)
  set(lot, 'cseq', seq)
  set(lot, 'kind', '')
  set(lot, 'ground', '')
  set(lot, 'left', 0)
  set(lot, 'opens', resumes)
  set(lot, 'ends', ends)
  return seq
end

-- ARGV: epoch, lot, hour from which bids are let in (zero: now).
local function resume(keys, args)
  local shard, lot, refused = enter(keys, args)
  if refused then return refused end
  if not string.match(args[3], '^%d+$') or #args[3] > 16 then return reply(shard, lot, 'bid_malformed', 0, lot.at) end
  close_if_due(shard, lot, keys[2])
  local hour = tonumber(args[3])
  local answer
  if over(lot) then
    answer = reply(shard, lot, over(lot), lot.pseq, lot.at)
  elseif lot.phase ~= 'stopped' then
    local again = lot.pseq > 0 and hour > 0 and hour == lot.opens
    answer = reply(shard, lot, again and 'ok' or 'not_stopped', lot.pseq, lot.at, again)
  else
    answer = reply(shard, lot, 'ok', resume_at(shard, lot, keys[2], hour), lot.at)
  end
  save(lot)
  return answer
end

-- ARGV: epoch, lot. Resume a room that only its rebuild has paused.
local function wake(keys, args)
  local shard, lot, refused = enter(keys, args)
  if refused then return refused end
  if lot.phase ~= 'stopped' or lot.kind ~= 'emergency_pause' or lot.ground ~= 'rebuild' then
    return reply(shard, lot, 'not_stopped', lot.pseq, lot.at)
  end
  local answer = reply(shard, lot, 'ok', resume_at(shard, lot, keys[2], 0), lot.at)
  save(lot)
  return answer
end

-- The owner.

-- Name a key of a room in this shard ('l' room, 'i' ids).
local function sibling(shard_key, kind, id)
  return (string.gsub(shard_key, ':shard$', ':' .. kind .. ':')) .. id
end

-- Give the shard if the caller (ARGV: epoch, token) owns it, or nil and the refusal.
local function owned(key, args)
  local shard = load_shard(key)
  if not shard then return nil, { 'room_missing' } end
  if text(shard.epoch) ~= args[1] then return nil, { 'wrong_epoch' } end
  if shard.token ~= args[2] or began_elsewhere(shard) then return nil, { 'stale_token' } end
  return shard
end

-- ARGV: epoch, token, mode ('adopt' or 'found'), digest. KEYS: shard, stream, set of lots.
local function begin(keys, args)
  local shard = load_shard(keys[1])
  local epoch = tonumber(args[1])
  if shard and shard.epoch == epoch and shard.token == args[2] and not began_elsewhere(shard) then return { 'ok' } end
  if shard and shard.epoch >= epoch then return { 'wrong_epoch' } end
  if args[3] == 'adopt' then
    if not shard then return { 'room_missing' } end
    redis.call('HSET', keys[1], 'epoch', args[1], 'token', args[2], 'process', this_process())
    return { 'ok' }
  end
  for _, id in ipairs(redis.call('SMEMBERS', keys[3])) do
    redis.call('DEL', sibling(keys[1], 'l', id), sibling(keys[1], 'i', id))
  end
  redis.call('DEL', keys[1], keys[2], keys[3])
  redis.call('HSET', keys[1], 'epoch', args[1], 'since', args[1], 'seq', '0', 'digest', args[4], 'token', args[2],
    'stalled', '0', 'process', this_process())
  return { 'ok' }
end

-- Move the end of a caught-up room whose clock has stood since `since` (engine: CatchUp).
local function catch_up(shard, lot, stream, since)
  local from = math.max(since, lot.opens)
  if lot.phase ~= 'running' or from >= math.min(lot.at, lot.ends) then return end
  local ends = math.max(lot.ends + lot.at - from, lot.at + lot.least)
  local seq = happen(shard, lot, stream, 'clock_changed', { 'q', 'stall', 's', text(since), 'e', text(ends) })
  set(lot, 'ends', ends)
  set(lot, 'cseq', seq)
end

-- Let the stalled clock of a room run again, if all of its events are committed and the shard itself runs.
local function restart(shard, lot, stream)
  if lot.stalled == 0 or shard.stalled > 0 or lot.committed < lot.seq then return end
  catch_up(shard, lot, stream, lot.stalled)
  set(lot, 'stalled', 0)
end

local function forget_stamps(lot, through)
  local names = {}
  for seq = lot.committed + 1, through do
    names[#names + 1] = 'p:' .. text(seq)
    if #names == CHUNK or seq == through then
      redis.call('HDEL', lot.key, unpack(names))
      names = {}
    end
  end
end

-- Note that the lot is committed through `through`. False: Redis does not know so much of it.
local function mark(shard, stream, key, id, through, now)
  local lot = load_lot(key, id)
  if not lot or lot.epoch < shard.since or through > lot.seq then return false end
  if lot.restoring == '1' or through <= lot.committed then return true end
  lot.at = math.max(now, lot.last)
  if lot.stalled == 0 and lot.oldest > 0 and lot.at - lot.oldest > STALL_US then
    set(lot, 'stalled', lot.oldest + STALL_US)
  end
  forget_stamps(lot, through)
  set(lot, 'committed', through)
  set(lot, 'oldest', through < lot.seq and tonumber(redis.call('HGET', key, 'p:' .. text(through + 1))) or 0)
  restart(shard, lot, stream)
  save(lot)
  return true
end

-- ARGV: epoch, token, channel, payload, then lot and sequence of each KEYS[3...].
local function publish(keys, args)
  local shard, refused = owned(keys[1], args)
  if not shard then return refused end
  local now = clock_us(keys[1])
  local answer = { 'ok' }
  for index = 3, #keys do
    local id = args[2 * index - 1]
    if not mark(shard, keys[2], keys[index], id, tonumber(args[2 * index]), now) then answer[#answer + 1] = id end
  end
  if args[4] ~= '' then redis.call('SPUBLISH', args[3], args[4]) end
  return answer
end

-- ARGV: epoch, token, last committed id.
local function trim(keys, args)
  local shard, refused = owned(keys[1], args)
  if not shard then return refused end
  redis.call('XTRIM', keys[2], 'MINID', '=', args[3])
  return { 'ok' }
end

-- ARGV: epoch, token, lot. KEYS: shard, room, ids, set of lots. Drop a room that is over and wholly committed.
local function drop(keys, args)
  local shard, refused = owned(keys[1], args)
  if not shard then return refused end
  local lot = load_lot(keys[2], args[3])
  if lot and (not over(lot) or lot.committed < lot.seq) then return { 'session_exists' } end
  redis.call('DEL', keys[2], keys[3])
  redis.call('SREM', keys[4], args[3])
  return { 'ok' }
end

-- ARGV: epoch, token.
local function stall(keys, args)
  local shard, refused = owned(keys[1], args)
  if not shard then return refused end
  if shard.stalled == 0 then redis.call('HSET', keys[1], 'stalled', text(clock_us(keys[1]))) end
  return { 'ok' }
end

-- ARGV: epoch, token. KEYS[3]: set of lots. Rooms with uncommitted events restart when these are committed.
local function release(keys, args)
  local shard, refused = owned(keys[1], args)
  if not shard then return refused end
  if shard.stalled == 0 then return { 'ok' } end
  local since, now = shard.stalled, clock_us(keys[1])
  shard.stalled = 0
  redis.call('HSET', keys[1], 'stalled', '0')
  for _, id in ipairs(redis.call('SMEMBERS', keys[3])) do
    local lot = load_lot(sibling(keys[1], 'l', id), id)
    if lot and lot.epoch >= shard.since and lot.restoring ~= '1' then
      lot.at = math.max(now, lot.last)
      if lot.stalled == 0 or since < lot.stalled then set(lot, 'stalled', since) end
      restart(shard, lot, keys[2])
      save(lot)
    end
  end
  return { 'ok' }
end

-- Restoration.

-- ARGV: epoch, token, lot, then names and values of terms and state. KEYS: shard, room, ids, set of lots.
local function restore(keys, args)
  local shard, refused = owned(keys[1], args)
  if not shard then return reply(nil, nil, refused[1], 0) end
  redis.call('DEL', keys[2], keys[3])
  local state = { restoring = '1', epoch = args[1] }
  redis.call('HSET', keys[2], unpack(fields_of(args, 4, state)))
  redis.call('SADD', keys[4], args[3])
  return reply(shard, nil, 'ok', 0)
end

-- ARGV: epoch, token, lot, then names and values of KEYS[3]. KEYS: shard, room, room or ids.
local function refill(keys, args)
  local shard, refused = owned(keys[1], args)
  if not shard then return reply(nil, nil, refused[1], 0) end
  local lot = load_lot(keys[2], args[3])
  if not lot or lot.restoring ~= '1' then return reply(shard, nil, 'room_missing', 0) end
  redis.call('HSET', keys[3], unpack(args, 4))
  return reply(shard, nil, 'ok', 0)
end

-- ARGV: epoch, token, lot. KEYS: shard, stream, room. The room is whole: pause it if it is open (bid-core 12).
local function restored(keys, args)
  local shard, refused = owned(keys[1], args)
  if not shard then return reply(nil, nil, refused[1], 0) end
  local lot = load_lot(keys[3], args[3])
  if not lot or lot.restoring ~= '1' then return reply(shard, nil, 'room_missing', 0) end
  lot.at = math.max(clock_us(keys[1]), lot.last)
  set(lot, 'restoring', '0')
  local seq = 0
  if lot.phase == 'running' and lot.at >= lot.opens and lot.last < lot.ends then
    seq = stop_at(shard, lot, keys[2], 'emergency_pause', 'rebuild', lot.last)
  end
  save(lot)
  return reply(shard, lot, 'ok', seq, lot.at)
end

-- Reading.

local function head(keys)
  local shard = load_shard(keys[1])
  if not shard then return {} end
  return {
    text(shard.epoch), text(shard.since), text(shard.seq), shard.digest, text(shard.stalled), text(clock_us(keys[1])),
  }
end

local function snapshot(keys)
  local shard = load_shard(keys[1])
  local lot = load_lot(keys[2], '')
  if not shard or not lot or lot.epoch < shard.since then return {} end
  local found = {}
  for _, name in ipairs(NUMBERS) do
    found[#found + 1] = name
    found[#found + 1] = text(lot[name])
  end
  for _, name in ipairs(TEXTS) do
    found[#found + 1] = name
    found[#found + 1] = lot[name]
  end
  local fields = redis.call('HGETALL', keys[2])
  for index = 1, #fields, 2 do
    if not PARTS[fields[index]] then
      found[#found + 1] = fields[index]
      found[#found + 1] = fields[index + 1]
    end
  end
  return found
end

local function register(name, callback, flags)
  redis.register_function({ function_name = 'fapai_' .. name .. '_@VERSION@', callback = callback, flags = flags })
end

register('place', place, {})
register('recall', recall, { 'no-writes' })
register('open', open, {})
register('admit', admit, {})
register('tell', tell, {})
register('tick', tick, {})
register('stop', stop, {})
register('resume', resume, {})
register('wake', wake, {})
register('begin', begin, {})
register('publish', publish, {})
register('trim', trim, {})
register('drop', drop, {})
register('stall', stall, {})
register('release', release, {})
register('restore', restore, {})
register('refill', refill, {})
register('restored', restored, {})
register('head', head, { 'no-writes' })
register('snapshot', snapshot, { 'no-writes' })
