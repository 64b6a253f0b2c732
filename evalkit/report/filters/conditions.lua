-- Shows or leaves out conditional content; refuses what the renderer does not know.
package.path = pandoc.path.directory(PANDOC_SCRIPT_FILE) .. "/?.lua;" .. package.path
local common = require("common")

local formats = { html = true, typst = true, docx = true }
local conditions = { "when-format", "unless-format", "when-meta", "unless-meta" }
local meta

local function truthy(path)
  local value = meta
  for key in path:gmatch("[^.]+") do
    value = type(value) == "table" and value[key] or nil
  end
  return value == true
end

local function holds(name, value)
  if name:match("format$") then
    if not formats[value] then
      common.fault("A condition names a format that is not known.", value, { expected = "html, typst or docx", got = value })
    end
    return value == common.target
  end
  return truthy(value)
end

local function visible(el)
  local hidden = el.classes:includes("content-hidden")
  if not hidden and not el.classes:includes("content-visible") then
    return nil
  end
  local match = true
  for _, name in ipairs(conditions) do
    local value = el.attributes[name]
    if value then
      match = match and (holds(name, value) ~= (name:match("^unless") ~= nil))
    end
  end
  for name in pairs(el.attributes) do
    if not pandoc.List(conditions):includes(name) then
      common.fault("Conditional content has an attribute that is not known.", name .. "=", { got = name })
    end
  end
  return match ~= hidden
end

local function conditional(el)
  local show = visible(el)
  if show == nil then
    return nil
  end
  return show and el.content or {}
end

local function known_div(div)
  for _, class in ipairs(div.classes) do
    if not class:match("^callout%-") and class ~= "evalkit-pagebreak" and class ~= "references"
      and class ~= "table-note" then
      common.fault("A div has a class that is not known.", class, {
        expected = "callout-note and its kin, content-visible, content-hidden, #fig-… or #tbl-…", got = "." .. class })
    end
  end
  if #div.classes == 0 and not div.identifier:match("^fig%-") and not div.identifier:match("^tbl%-")
    and div.identifier ~= "refs" then
    common.fault("A div has neither a known class nor a known identifier.", ":::", { got = "#" .. div.identifier })
  end
end

local function known_span(span)
  for _, class in ipairs(span.classes) do
    if class ~= "caption-more" and class ~= "nocase" and class ~= "smallcaps" and class ~= "underline" then
      common.fault("A span has a class that is not known.", class, { got = "." .. class })
    end
  end
end

local function known_raw(el)
  if el.format == (common.target == "docx" and "openxml" or common.target) or el.text:match("^<!%-%-.*%-%->%s*$") then
    return el.text:match("^<!%-%-") and {} or nil
  end
  common.fault("Raw " .. el.format .. " would be lost in " .. common.target .. ".", el.text:match("[^\n]*"), {
    got = el.text:match("[^\n]*"),
    mend = "Write it in Markdown, or inside ::: {.content-visible when-format=…} for its own format." })
end

local function known_math(el)
  if common.target == "typst" then
    common.fault("A PDF/UA document has no typeset mathematics: an equation has no alternative text.", el.text, {
      got = el.text, mend = 'Say it in words, or show it only in HTML and Word: {.content-visible unless-format="typst"}.' })
  end
end

-- marks that Markdown did not take for what they were meant to be, and would print
local literal = {}
for word in (os.getenv("EVALKIT_LITERAL") or ""):gmatch("[^\n]+") do
  literal[word] = true
end

local marks = { "^:::", "{{<", ">}}", "^{[#.]", "{#fig%-", "{#tbl%-", "{#sec%-" }

local function left_over(el)
  local text = el.text -- once: each look at it crosses over to pandoc
  if not text:find("[:{}]") or literal[text] then
    return
  end
  for _, mark in ipairs(marks) do
    if text:match(mark) then
      common.fault("A mark was not understood and would be printed.", text, { got = text })
    end
  end
end

local function known_code(el)
  local language = el.text:match("^{(%w+)}")
  if language and language ~= "python" then
    common.fault("Inline expressions are Python.", el.text, { expected = "`{python} …`", got = "`" .. el.text .. "`" })
  end
end

-- images are held to have an alternative text, in whatever place Markdown allows for it
local function described(image)
  local alt = image.attributes["fig-alt"] or image.attributes["alt"]
  if not alt or alt:match("^%s*$") then
    common.fault("An image has no alternative text.", image.src, {
      got = image.src, mend = 'Give it one: ![caption](file){#fig-name fig-alt="what is seen"}.' })
  end
end


local function levels(blocks)
  local last = 0
  for _, block in ipairs(blocks) do
    if block.t == "Header" then
      if block.level > last + 1 then
        common.fault("A heading skips a level.", pandoc.utils.stringify(block), {
          expected = "level " .. last + 1 .. " or higher up", got = "level " .. block.level })
      end
      last = block.level
    end
  end
end

return {
  { Meta = function(el) meta = el end },
  { traverse = "topdown", Div = conditional, Span = conditional },
  { Div = known_div, Span = known_span, RawBlock = known_raw, RawInline = known_raw, Math = known_math,
    Str = left_over, Code = known_code, Image = described },
  { Pandoc = function(doc)
    levels(doc.blocks)
    common.raise()
  end },
}
