-- Figures, tables and sections: numbers, captions, references, and the lists of figures and tables.
package.path = pandoc.path.directory(PANDOC_SCRIPT_FILE) .. "/?.lua;" .. package.path
local common = require("common")

local stringify = pandoc.utils.stringify
local target = common.target
local meta
local entries = {}
local counts = { fig = 0, tbl = 0 }
local listed = { fig = pandoc.List(), tbl = pandoc.List() }
local foreign = { eq = true, lst = true, thm = true, lem = true, cor = true, def = true, exm = true, nte = true }

local function number(kind, id, caption)
  counts[kind] = counts[kind] + 1
  if entries[id] then
    common.fault("An identifier is used twice.", "#" .. id, { got = id })
  end
  entries[id] = { kind = kind, number = tostring(counts[kind]), mark = string.format("_Ref9%s%05d", kind == "fig" and 1 or 2, counts[kind]) }
  listed[kind]:insert({ id = id, number = tostring(counts[kind]), caption = caption })
  return entries[id]
end

local function field(instruction, shown)
  return common.raw(string.format(
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> %s </w:instrText></w:r>'
      .. '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>%s</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>',
    instruction, common.escape_xml(shown)))
end

local function label(entry)
  local name = common.word(meta, "crossref-" .. entry.kind .. "-title")
  local delimiter = common.word(meta, "title-delim")
  if target ~= "docx" then
    local text = pandoc.Str(name .. "\u{a0}" .. entry.number .. delimiter)
    return pandoc.Inlines({ pandoc.Span({ text }, pandoc.Attr("", { "caption-label" })), pandoc.Space() })
  end
  local id = entry.mark:match("%d+$")
  return pandoc.Inlines({
    pandoc.Str(name .. "\u{a0}"),
    common.raw(string.format('<w:bookmarkStart w:id="%s" w:name="%s"/>', id, entry.mark)),
    field("SEQ " .. name .. " \\* ARABIC", entry.number),
    common.raw(string.format('<w:bookmarkEnd w:id="%s"/>', id)),
    pandoc.Str(delimiter), pandoc.Space() })
end

local function styled(name, blocks)
  return pandoc.Div(blocks, pandoc.Attr("", {}, { ["custom-style"] = name }))
end

local function inlines(caption)
  return pandoc.utils.blocks_to_inlines(caption)
end

local function typst_float(entry, id, caption, content)
  local open = pandoc.Inlines({ common.raw("#figure([") })
  local close = pandoc.Inlines({ common.raw("], caption: figure.caption(position: "
    .. (entry.kind == "fig" and "bottom" or "top") .. ", [") })
  close:extend(caption)
  close:insert(common.raw(string.format(']), kind: "quarto-float-%s", supplement: [%s], numbering: "1")\n<%s>\n',
    entry.kind, common.word(meta, "crossref-" .. entry.kind .. "-title"), id)))
  local blocks = pandoc.Blocks({ pandoc.Plain(open) })
  blocks:extend(content)
  blocks:insert(pandoc.Plain(close))
  return blocks
end

-- an image stands across the text unless it is given a width
local function prepared(image)
  local alt = image.attributes["fig-alt"] or image.attributes["alt"]
  image.attributes["fig-alt"] = nil
  if target == "typst" then
    local width = image.attributes.width or "100%"
    return common.raw(string.format("#image(%s, alt: %s, width: %s)",
      common.typst_string(image.src), common.typst_string(alt), width))
  end
  if target == "docx" then
    image.title = alt
    image.attributes.width = image.attributes.width or "16cm"
    return pandoc.Image({}, image.src, alt, image.attr)
  end
  image.attributes.alt = alt
  image.classes:insert("inline-svg")
  return pandoc.Image({ pandoc.Str(alt) }, image.src, "", image.attr)
end

local function figure(id, caption, content)
  content = content:map(function(block) return block.t == "Para" and pandoc.Plain(block.content) or block end)
  local entry = number("fig", id, caption)
  if stringify(caption) == "" then
    common.fault("A figure has no caption.", "#" .. id, { got = id })
  end
  if target == "typst" then
    return typst_float(entry, id, caption, content)
  end
  local text = label(entry)
  text:extend(caption)
  if target == "docx" then
    return { styled("Captioned Figure", content), styled("Image Caption", { pandoc.Para(text) }) }
  end
  -- on a narrow screen it scrolls in its box, which the keyboard must reach (narrow.lua takes it from one that does not)
  return pandoc.Figure(content, { pandoc.Plain(text) }, pandoc.Attr(id, {}, { tabindex = "0" }))
end

local function scoped(tbl)
  for _, row in ipairs(tbl.head.rows) do
    for _, cell in ipairs(row.cells) do
      cell.attributes.scope = "col"
    end
  end
  if #tbl.colspecs > 1 then
    for _, body in ipairs(tbl.bodies) do
      body.row_head_columns = 1
      for _, row in ipairs(body.body) do
        row.cells[1].attributes.scope = "row"
      end
    end
  end
  return tbl
end

-- (attributes as a list of pairs: the order of a Lua table's keys is not the same each time)
local function boxed(tbl, name, value)
  local attributes = { { "tabindex", "0" }, { "role", "group" }, { name, value } }
  return pandoc.Div({ scoped(tbl) }, pandoc.Attr("", { "table-box" }, attributes))
end

-- a caption beside the table, not in it: it must neither be as narrow as the table nor scroll away with it
local function html_table(id, caption, tbl)
  tbl.attr = pandoc.Attr("", {}, { ["aria-labelledby"] = id .. "-caption" })
  return {
    pandoc.RawBlock("html", '<figure id="' .. id .. '" class="table-figure">'),
    pandoc.RawBlock("html", '<figcaption id="' .. id .. '-caption">'),
    pandoc.Plain(caption),
    pandoc.RawBlock("html", "</figcaption>"),
    boxed(tbl, "aria-labelledby", id .. "-caption"),
    pandoc.RawBlock("html", "</figure>"),
  }
end

-- pandoc's Typst would put every table into a figure of its own, which does not break over pages; a page's columns
-- take their width from their text, not from the dashes of a long line
local function plain(tbl)
  local name = tbl.attr.attributes["aria-label"]
  tbl.attr = pandoc.Attr("", target == "typst" and { "typst:no-figure" } or {})
  if target == "html" then
    tbl.colspecs = tbl.colspecs:map(function(spec) return { spec[1], nil } end)
  end
  return tbl, name
end

local function float_table(id, caption, tbl)
  local entry = number("tbl", id, caption)
  if stringify(caption) == "" then
    common.fault("A table has no caption.", "#" .. id, { got = id })
  end
  tbl = plain(tbl)
  tbl.caption = { long = {}, short = nil }
  if target == "typst" then
    return typst_float(entry, id, caption, { tbl })
  end
  local text = label(entry)
  text:extend(caption)
  if target == "docx" then
    return { styled("Table Caption", { pandoc.Para(text) }), tbl }
  end
  return html_table(id, text, tbl)
end

local function of_figure(el)
  if not el.identifier:match("^fig%-") then
    common.fault("A figure has no identifier that begins with fig-.", "![" , {
      got = stringify(el.caption.long), mend = "Write ![caption](file){#fig-name fig-alt=…}." })
    return nil
  end
  return figure(el.identifier, inlines(el.caption.long), el.content:walk({ Image = prepared })), false
end

local function of_table(el)
  if el.identifier:match("^tbl%-") then
    return float_table(el.identifier, inlines(el.caption.long), el), false
  end
  if stringify(el.caption.long) ~= "" then
    common.fault("A table with a caption has no identifier that begins with tbl-.", stringify(el.caption.long), {
      got = stringify(el.caption.long), mend = "Write : caption {#tbl-name}." })
  end
  local name
  el, name = plain(el)
  return target == "html" and boxed(el, "aria-label", name or common.word(meta, "crossref-tbl-title")) or el, false
end

-- ::: {#fig-x} and ::: {#tbl-x}: what is shown, then the caption as last paragraph
local function of_div(el)
  local kind = el.identifier:match("^(%a%a%a)%-")
  if kind ~= "fig" and kind ~= "tbl" then
    return nil
  end
  local caption = el.content[#el.content]
  if #el.content < 2 or caption.t ~= "Para" then
    common.fault("The caption is missing: it is the last paragraph inside the div.", "#" .. el.identifier, { got = el.identifier })
    return {}, false
  end
  local content = pandoc.Blocks({ table.unpack(el.content, 1, #el.content - 1) })
  if kind == "tbl" then
    if #content ~= 1 or content[1].t ~= "Table" then
      common.fault("A div #tbl-… holds one table and its caption.", "#" .. el.identifier, { got = el.identifier })
      return {}, false
    end
    return float_table(el.identifier, caption.content, content[1]), false
  end
  return figure(el.identifier, caption.content, content:walk({ Image = prepared })), false
end

local function sections(blocks)
  local path = {}
  for _, block in ipairs(blocks) do
    if block.t == "Header" and not block.classes:includes("unnumbered") then
      for level = block.level + 1, 6 do path[level] = nil end
      for level = 1, block.level - 1 do path[level] = path[level] or 0 end
      path[block.level] = (path[block.level] or 0) + 1
      entries[block.identifier] = { kind = "sec", number = table.concat(path, ".") }
    elseif block.t == "Header" then
      entries[block.identifier] = { kind = "sec" }
    end
  end
end

-- `bare`: text alone, for the lists of figures and tables
local function reference(citation, bare)
  local id = citation.id:sub(1, 1):lower() .. citation.id:sub(2)
  local entry = entries[id]
  if not entry or not entry.number then
    common.fault("A reference leads nowhere.", "@" .. citation.id, {
      got = "@" .. citation.id,
      mend = entry and "The section has no number: number-sections: true, and not .unnumbered." or "Give the thing referred to this identifier." })
    return pandoc.Inlines({})
  end
  local content = pandoc.Inlines({})
  if #citation.prefix > 0 then
    content:extend(citation.prefix)
    content:insert(pandoc.Str("\u{a0}"))
  elseif citation.mode ~= "SuppressAuthor" then
    local prefix = common.word(meta, "crossref-" .. entry.kind .. "-prefix")
    if citation.id:match("^%u") then
      prefix = pandoc.text.upper(pandoc.text.sub(prefix, 1, 1)) .. pandoc.text.sub(prefix, 2)
    end
    content:insert(pandoc.Str(prefix .. "\u{a0}"))
  end
  if bare then
    content:insert(pandoc.Str(entry.number))
    return content
  end
  if target == "docx" and entry.mark then
    content:insert(field("REF " .. entry.mark .. " \\h", entry.number))
    return content
  end
  content:insert(pandoc.Str(entry.number))
  if target == "typst" then
    content:insert(1, common.raw("#link(label(" .. common.typst_string(id) .. "))["))
    content:insert(common.raw("]"))
    return content
  end
  return pandoc.Inlines({ pandoc.Link(content, "#" .. id, "", pandoc.Attr("", { "xref" })) })
end

local function references(cite, bare)
  local content = pandoc.Inlines({})
  local ours = 0
  for i, citation in ipairs(cite.citations) do
    local kind = citation.id:match("^(%a%a%a?)%-")
    kind = kind and kind:lower()
    if kind and foreign[kind] then
      common.fault("A reference of this kind is not known.", "@" .. citation.id, {
        expected = "@fig-…, @tbl-… or @sec-…", got = "@" .. citation.id })
    elseif kind == "fig" or kind == "tbl" or kind == "sec" then
      ours = ours + 1
      if i > 1 then
        content:extend({ pandoc.Str(","), pandoc.Space() })
      end
      content:extend(reference(citation, bare))
      content:extend(citation.suffix)
    end
  end
  return ours > 0 and content or nil
end

-- a caption as it stands in a list: its title alone; references resolved, notes and links left out
local function short(caption)
  local title = caption:walk({
    Span = function(span) return span.classes:includes("caption-more") and {} or nil end,
    Cite = function(cite) return references(cite, true) end,
    Note = function() return {} end,
    Link = function(link) return link.content end,
  })
  if #title > 0 and title[#title].t == "Space" then
    title:remove()
  end
  return title
end

local function html_list(kind, title)
  local items = listed[kind]:map(function(item)
    local text = pandoc.Inlines({ pandoc.Str(common.word(meta, "crossref-" .. kind .. "-title") .. "\u{a0}" .. item.number .. ". ") })
    text:extend(short(item.caption))
    return { pandoc.Plain({ pandoc.Link(text, "#" .. item.id) }) }
  end)
  local name = pandoc.Div({ pandoc.Plain({ pandoc.Str(title) }) }, pandoc.Attr("", { "list-title" }))
  return pandoc.Div({ name, pandoc.BulletList(items) }, pandoc.Attr("", { "listing" }, { { "role", "navigation" }, { "aria-label", title } }))
end

local function docx_list(kind, title)
  local name = common.word(meta, "crossref-" .. kind .. "-title")
  local blocks = pandoc.Blocks({ styled("TOC Heading", { pandoc.Para({ pandoc.Str(title) }) }) })
  for i, item in ipairs(listed[kind]) do
    local text = pandoc.Inlines({})
    if i == 1 then
      text:insert(common.raw('<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r><w:r><w:instrText xml:space="preserve"> TOC \\h \\z \\c "'
        .. name .. '" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'))
    end
    text:insert(pandoc.Str(name .. "\u{a0}" .. item.number .. ". " .. stringify(short(item.caption))))
    if i == #listed[kind] then
      text:insert(common.raw('<w:r><w:fldChar w:fldCharType="end"/></w:r>'))
    end
    blocks:insert(styled("table of figures", { pandoc.Para(text) }))
  end
  return blocks
end

local function lists(doc)
  local wanted = pandoc.Blocks({})
  for _, pair in ipairs({ { "lof", "fig" }, { "lot", "tbl" } }) do
    if doc.meta["list-" .. pair[1]] == true and #listed[pair[2]] > 0 then
      local title = common.word(meta, "crossref-" .. pair[1] .. "-title")
      if target == "html" then wanted:insert(html_list(pair[2], title)) end
      if target == "docx" then wanted:extend(docx_list(pair[2], title)) end
    end
  end
  wanted:extend(doc.blocks)
  doc.blocks = wanted
end

local breaks = {
  typst = "#pagebreak(weak: true)",
  docx = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>',
  html = '<div class="page-break"></div>',
}

return {
  { Meta = function(el) meta = el end },
  { traverse = "topdown", Div = of_div, Figure = of_figure, Table = of_table },
  { Pandoc = function(doc)
    sections(doc.blocks)
    doc = doc:walk({
      Image = function(el) return el.attributes["fig-alt"] and prepared(el) or nil end,
      Div = function(el)
        if el.classes:includes("evalkit-pagebreak") then
          return pandoc.RawBlock(target == "docx" and "openxml" or target, breaks[target])
        end
      end,
      Cite = function(cite) return references(cite) end,
    })
    lists(doc)
    common.raise()
    return doc
  end },
}
