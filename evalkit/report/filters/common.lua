-- What the filters share: the target, words of the language, faults that are reported together.
local common = {}

common.target = FORMAT:match("^html") and "html" or FORMAT
common.faults = {}

local stringify = pandoc.utils.stringify

-- `needle` is text by which the line in the document is found
function common.fault(what, needle, more)
  local fault = more or {}
  fault.what = what
  fault.needle = needle
  table.insert(common.faults, fault)
end

function common.raise()
  if #common.faults > 0 then
    io.stderr:write("EVALKIT:" .. pandoc.json.encode(common.faults) .. "\n")
    os.exit(83)
  end
end

function common.word(meta, name)
  return stringify(meta.words[name] or name)
end

function common.raw(text)
  return pandoc.RawInline(common.target == "docx" and "openxml" or common.target, text)
end

function common.escape_xml(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;"):gsub('"', "&quot;"))
end

function common.typst_string(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("%s+", " ") .. '"'
end

return common
