-- Quarto, HTML: the notice in the document's head or given with -M, first and last on the page.
-- (Typst takes it from its template, Word is given it afterwards; the built-in renderer has its own page.)
function Pandoc(doc)
  local notice = doc.meta.notice
  if notice == nil or not FORMAT:match("html") then
    return nil
  end
  local text = pandoc.utils.stringify(notice)
  local function bar()
    return pandoc.Div({ pandoc.Para({ pandoc.Str(text) }) }, pandoc.Attr("", { "notice" }, { role = "note" }))
  end
  doc.blocks:insert(1, bar())
  doc.blocks:insert(bar())
  return doc
end
