-- Print and Word: a table too wide for the page gets columns that keep each longest word whole and share what is left
-- by need. (Typst would give the room to the numbers and break the text after every word; Word needs widths anyway.)
-- Used by Quarto and by the built-in renderer.
local page = 160 -- millimetres of text
local margins, character = 4.5, 1.85 -- millimetres of a cell in 9 points; bold heads are wider

local function measured(tbl)
  local least, wanted = {}, {}
  for c = 1, #tbl.colspecs do
    least[c], wanted[c] = 0, 0
  end
  local function row_of(row, letter)
    for c, cell in ipairs(row.cells) do
      local text = pandoc.utils.stringify(cell.contents)
      if least[c] and cell.col_span == 1 then
        wanted[c] = math.max(wanted[c], margins + letter * pandoc.text.len(text))
        for word in text:gmatch("[^ \n]+") do
          least[c] = math.max(least[c], margins + letter * pandoc.text.len(word))
        end
      end
    end
  end
  for _, row in ipairs(tbl.head.rows) do row_of(row, 1.12 * character) end
  for _, body in ipairs(tbl.bodies) do
    for _, row in ipairs(body.body) do row_of(row, character) end
  end
  return least, wanted
end

local function sum(values)
  local total = 0
  for _, value in ipairs(values) do total = total + value end
  return total
end

function Table(tbl)
  if FORMAT ~= "typst" and FORMAT ~= "docx" then
    return nil
  end
  local least, wanted = measured(tbl)
  local need, floor = sum(wanted), sum(least)
  local fits = need <= page
  tbl.colspecs = tbl.colspecs:map(function(spec, c)
    if fits and FORMAT == "typst" then
      return { spec[1], nil }
    end
    local width = wanted[c]
    if not fits then
      local spare = math.max(0, page - floor)
      width = least[c] + (need > floor and spare * (wanted[c] - least[c]) / (need - floor) or 0)
    end
    return { spec[1], width / math.max(page, fits and 0 or floor) }
  end)
  return tbl
end
