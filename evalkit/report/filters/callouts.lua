-- Callouts: a title, a body and one of five kinds, in the way of each format.
package.path = pandoc.path.directory(PANDOC_SCRIPT_FILE) .. "/?.lua;" .. package.path
local common = require("common")

local colours = { note = "#1f4e79", tip = "#2e6b3f", important = "#8b1a1a", warning = "#8a5a00", caution = "#8a5a00" }
-- besides the title, and what is folded on screen, only what is so anyway, here and by _quarto.yml
local known = { title = ".", collapse = "^true$", icon = "^false$", appearance = "^simple$" }
local meta

local function kind_of(div)
  for _, class in ipairs(div.classes) do
    local kind = class:match("^callout%-(.+)$")
    if kind then
      return kind
    end
  end
end

local function title_of(div, kind)
  if div.attributes.title then
    return pandoc.utils.blocks_to_inlines(pandoc.read(div.attributes.title, "markdown").blocks), div.content
  end
  local first = div.content[1]
  if first and first.t == "Header" then
    return first.content, pandoc.Blocks({ table.unpack(div.content, 2) })
  end
  return pandoc.Inlines({ pandoc.Str(common.word(meta, "callout-" .. kind .. "-title")) }), div.content
end

local function typst(kind, title, body)
  local blocks = pandoc.Blocks({})
  local open = pandoc.Inlines({ common.raw('#callout(icon_color: rgb("' .. colours[kind] .. '"), title: [') })
  open:extend(title)
  open:insert(common.raw("], body: ["))
  blocks:insert(pandoc.Plain(open))
  blocks:extend(body)
  blocks:insert(pandoc.RawBlock("typst", "])"))
  return blocks
end

-- opened by a click or by Enter, and printed open; the title names the tables inside
local function folded(kind, title, body)
  local name = pandoc.utils.stringify(title)
  body = body:walk({ Table = function(tbl)
    tbl.attr.attributes["aria-label"] = name
    return tbl
  end })
  local summary = pandoc.Inlines({ common.raw("<summary>") })
  summary:extend(title)
  summary:insert(common.raw("</summary>"))
  local blocks = pandoc.Blocks({
    pandoc.RawBlock("html", '<details class="callout callout-' .. kind .. '">'), pandoc.Plain(summary) })
  blocks:extend(body)
  blocks:insert(pandoc.RawBlock("html", "</details>"))
  return blocks
end

local function html(kind, title, body)
  local content = pandoc.Blocks({ pandoc.Div({ pandoc.Para(title) }, pandoc.Attr("", { "callout-title" })) })
  content:extend(body)
  return pandoc.Div(content, pandoc.Attr("", { "callout", "callout-" .. kind }, { role = "note" }))
end

local function docx(_, title, body)
  local blocks = pandoc.Blocks({ pandoc.Div({ pandoc.Para(title) }, pandoc.Attr("", {}, { ["custom-style"] = "Callout Title" })) })
  -- items of a tight list are Plain, which would keep a style of its own
  body = body:walk({ Plain = function(el) return pandoc.Para(el.content) end })
  blocks:insert(pandoc.Div(body, pandoc.Attr("", {}, { ["custom-style"] = "Callout" })))
  return blocks
end

local function callout(div)
  local kind = kind_of(div)
  if not kind then
    return nil
  end
  if not colours[kind] then
    common.fault("There is no such callout.", "callout-" .. kind, {
      expected = "callout-note, callout-tip, callout-important, callout-warning or callout-caution",
      got = "callout-" .. kind })
    return nil
  end
  for name, value in pairs(div.attributes) do
    if not known[name] or not value:match(known[name]) then
      common.fault("A callout has an attribute that is not known.", name .. "=", {
        expected = 'title="…" or collapse="true"', got = name .. "=" .. value })
    end
  end
  local title, body = title_of(div, kind)
  if div.attributes.collapse and common.target == "html" then
    return folded(kind, title, body)
  end
  return ({ typst = typst, html = html, docx = docx })[common.target](kind, title, body)
end

return {
  { Meta = function(el) meta = el end },
  { Div = callout },
  { Pandoc = common.raise },
}
