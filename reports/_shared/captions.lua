-- Print and Word: what a caption says after its title, which the lists of figures and tables leave out.
-- Used by Quarto and by the built-in renderer.
function Span(span)
  if not span.classes:includes("caption-more") then
    return nil
  end
  if FORMAT == "docx" then
    span.attributes["custom-style"] = "Caption More"
    return span
  end
  if FORMAT == "typst" then
    local content = pandoc.Inlines({ pandoc.RawInline("typst", "#caption-more[") })
    content:extend(span.content)
    content:insert(pandoc.RawInline("typst", "]"))
    return content
  end
end
