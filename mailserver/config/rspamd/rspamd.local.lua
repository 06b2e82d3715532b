-- Rspamd 3.4 reads this file as $LOCAL_CONFDIR/rspamd.local.lua; lua.local.d/ is not read.

local INJECT = 'postie-inject' -- Postfix' own door for vacation answers (master.cf, milter_macro_daemon_name)
local NOBODYS = '192.0.0.8' -- the IPv4 dummy address (RFC 7600): nobody's, and not local

local function is_ours(task)
  return task:get_user() or tostring(task:get_request_header('MTA-Name')) == INJECT
end

-- Rspamd trusts loopback: no SPF, no DMARC, no greylisting, and it would even sign. But whoever stands at port 25
-- as 127.0.0.1 (another program here, a proxy that does not tell) is a stranger like any other.
rspamd_config:register_symbol {
  name = 'POSTIE_NOT_LOCAL',
  type = 'prefilter',
  priority = 10,
  callback = function(task)
    local ip = task:get_ip()
    if not is_ours(task) and ip and ip:is_valid() and ip:is_local() then task:set_from_ip(NOBODYS) end
  end,
}

-- Sealing (ARC) costs two RSA signatures, and only the next server can read the seal: the recipient policy of the API
-- marks what may go on to somewhere else. Who forges the mark gets a seal on a letter that stays here.
rspamd_config:register_symbol {
  name = 'POSTIE_PASSES',
  type = 'prefilter',
  priority = 10,
  callback = function(task)
    if not task:get_header('X-Postie-Passes') then return task:disable_symbol('ARC_SIGNED') end
    task:set_milter_reply { remove_headers = { ['X-Postie-Passes'] = 0 } }
  end,
}

-- Every first contact from outside waits, not only mail whose score reached a threshold.
rspamd_config:register_symbol {
  name = 'POSTIE_GREYLIST',
  type = 'prefilter',
  priority = 5,
  callback = function(task)
    if not is_ours(task) then task:get_mempool():set_variable('grey_greylisted_required', '1') end
  end,
}

-- Who is logged in may not put a foreign address in From: (Postfix checks the envelope).
rspamd_config:register_symbol {
  name = 'POSTIE_FROM_MISMATCH',
  type = 'postfilter',
  priority = 8,
  callback = function(task)
    if not task:get_user() then return end
    local envelope, header = task:get_from('smtp'), task:get_from('mime')
    if not (envelope and envelope[1] and envelope[1].addr ~= '' and header) then return end
    for _, author in ipairs(header) do
      if author.addr:lower() ~= envelope[1].addr:lower() then
        task:set_pre_result('reject', 'From: address ' .. author.addr .. ' is not the envelope sender', 'postie')
        return
      end
    end
  end,
}

-- Fail closed: a domain that has a DKIM key never sends unsigned (unreadable key, map not loaded …).
local selectors = rspamd_config:add_map {
  url = '@ROOT@/data/dkim/selectors.map', type = 'map', description = 'domains that must sign',
}
rspamd_config:register_symbol {
  name = 'POSTIE_MUST_SIGN',
  type = 'postfilter',
  priority = 7,
  callback = function(task)
    if not task:get_user() or task:has_symbol('DKIM_SIGNED') then return end
    local header = task:get_from('mime')
    if header and header[1] and selectors and selectors:get_key(header[1].domain:lower()) then
      task:set_pre_result('soft reject', 'DKIM key not available, try again', 'postie')
    end
  end,
}
