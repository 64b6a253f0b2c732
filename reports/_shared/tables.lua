-- Print and Word: a table too wide for the page gets columns that keep each longest word whole and share what is left
-- by need. (Typst would give the room to the numbers and break the text after every word; Word needs widths anyway.)
-- Used by Quarto and by the built-in renderer.
local page = 160 -- millimetres of text
local margins, em = 4.3, 3.175 -- millimetres: of a cell, and of 9 points
local bold = 1.05

-- widths of Open Sans, in ems, near enough
local function letter(code)
  if code > 127 then
    return code == 0xa0 and 0.26 or 0.6
  end
  local char = string.char(code)
  return char:match("[ijlI.,:;'|!() -]") and 0.27 or char:match("[ftrs/]") and 0.43
    or char:match("[mwMW%%]") and 0.9 or char:match("%u") and 0.65 or 0.58
end

local function width(text)
  local total = 0
  for _, code in utf8.codes(text) do total = total + letter(code) end
  return total * em
end

local function measured(tbl)
  local least, wanted = {}, {}
  for c = 1, #tbl.colspecs do
    least[c], wanted[c] = 0, 0
  end
  local function row_of(row, weight)
    for c, cell in ipairs(row.cells) do
      local text = pandoc.utils.stringify(cell.contents)
      if least[c] and cell.col_span == 1 then
        wanted[c] = math.max(wanted[c], margins + weight * width(text))
        for word in text:gmatch("[^ \n]+") do
          least[c] = math.max(least[c], margins + weight * width(word))
        end
      end
    end
  end
  for _, row in ipairs(tbl.head.rows) do row_of(row, bold) end
  for _, body in ipairs(tbl.bodies) do
    for _, row in ipairs(body.body) do row_of(row, 1) end
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

-- what stands under a table is set small
function Div(div)
  if FORMAT ~= "typst" or not div.classes:includes("table-note") then
    return nil
  end
  local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", "#table-note[") })
  blocks:extend(div.content)
  blocks:insert(pandoc.RawBlock("typst", "]"))
  return blocks
end
