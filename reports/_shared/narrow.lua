-- HTML: beside each figure that the run also drew narrow (name-narrow.svg) stands that one, for telephones; report.css
-- shows one of the two. Print and Word never get it. Used by Quarto (at: post-quarto) and by the built-in renderer.
local function exists(path)
  local file = io.open(path)
  return file ~= nil and file:close()
end

function Image(image)
  local narrow = image.src:gsub("%.svg$", "-narrow.svg")
  if not FORMAT:match("html") or narrow == image.src or not exists(narrow) then
    return nil
  end
  local other = image:clone()
  other.src, other.identifier = narrow, ""
  return { pandoc.Span({ image }, { class = "figure-wide" }), pandoc.Span({ other }, { class = "figure-narrow" }) }
end

-- a figure that needs not scroll is no stop for the keyboard
function Figure(figure)
  local narrow = false
  figure:walk({ Span = function(span) narrow = narrow or span.classes:includes("figure-narrow") end })
  if narrow then
    figure.attributes.tabindex = nil
    return figure
  end
end
