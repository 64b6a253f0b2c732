-- Print and Word: a table too wide for the page gets columns that keep each longest word whole and share what is left
-- by need. (Typst would give the room to the numbers and break the text after every word; Word needs widths anyway.)
-- Used by Quarto and by the built-in renderer.
local page = 160 -- millimetres of text
-- millimetres: the margins beside a cell, and the type's size (9 points); where the words need it, less room between
-- columns, and in Word 8 points
local usual = { margins = FORMAT == "docx" and 3.3 or 3.6, em = 3.175 }
local tight = { margins = 2.2, em = FORMAT == "docx" and 2.822 or 3.175 }
local bold = 1.05
-- letters from which a word breaks anywhere, as in typst-template.typ
local breaks = 36

-- widths of Open Sans, in ems: of the widest of each kind, its bold divided by `bold`; digits are alike in both
local kinds = {
  { "[%d<>=+]", 0.572 }, { "[ijl.,:;'! ]", 0.29 }, { "[I()-]", 0.325 }, { "[cfrstz/]", 0.475 }, { "[mwMW%%]", 0.935 },
  { "[DGHNOQU]", 0.775 }, { "%u", 0.66 }, { "[aegkvxy]", 0.59 }, { ".", 0.63 },
}
local others = { [0xa0] = 0.26, [0xc6] = 0.91, [0xe6] = 0.91, [0xd8] = 0.76, [0x2014] = 0.96, [0x221e] = 0.68 }

local letters = setmetatable({}, { __index = function(known, code)
  local wide = others[code] or 0.6
  for _, kind in ipairs(code > 127 and {} or kinds) do
    if string.char(code):match(kind[1]) then
      wide = kind[2]
      break
    end
  end
  known[code] = wide
  return wide
end })

local function width(text)
  local total = 0
  for _, code in utf8.codes(text) do total = total + letters[code] end
  return total
end

local function is_bold(cell)
  local first = cell.contents[1]
  return first ~= nil and first.content ~= nil and first.content[1] ~= nil and first.content[1].t == "Strong"
end

-- for each column: its longest word, what keeps its body on one line (and its head on two) and both on one, and how
-- much text it holds in all
local function measured(tbl, size)
  local margins, em = size.margins, size.em
  local least, wanted, whole, text_in = {}, {}, {}, {}
  for c = 1, #tbl.colspecs do
    least[c], wanted[c], whole[c], text_in[c] = 0, 0, 0, 0
  end
  local function row_of(row, lines)
    for c, cell in ipairs(row.cells) do
      local text = pandoc.utils.stringify(cell.contents)
      local weight = (lines == 2 or is_bold(cell)) and bold or 1
      if least[c] and cell.col_span == 1 then
        for word in text:gmatch("[^ \n]+") do
          local most = utf8.len(word) >= breaks and page / 3 or math.huge
          least[c] = math.max(least[c], margins + math.min(weight * em * width(word), most))
        end
        local long = margins + weight * em * width(text)
        whole[c] = math.max(whole[c], long)
        text_in[c] = text_in[c] + long - margins
        wanted[c] = math.max(wanted[c], least[c], lines == 1 and long or margins + 0.6 * (long - margins))
      end
    end
  end
  for _, row in ipairs(tbl.head.rows) do row_of(row, 2) end
  for _, body in ipairs(tbl.bodies) do
    for _, row in ipairs(body.body) do row_of(row, 1) end
  end
  return least, wanted, whole, text_in
end

-- the page's room: what each column needs at least, and the rest by how much text it holds, none more than it wants
local function shared(least, wanted, text_in)
  local widths, spare, open = {}, page, {}
  for c, need in ipairs(least) do
    widths[c], spare = need, spare - need
    if wanted[c] > need then open[c] = text_in[c] end
  end
  while spare > 0.1 and next(open) do
    local total, left = 0, 0
    for _, amount in pairs(open) do total = total + amount end
    for c, amount in pairs(open) do
      local room = widths[c] + spare * amount / total
      widths[c] = math.min(room, wanted[c])
      left = left + room - widths[c]
      if room >= wanted[c] then open[c] = nil end
    end
    spare = left
  end
  return widths
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
  local least, wanted, whole, text_in = measured(tbl, usual)
  if sum(FORMAT == "docx" and least or wanted) > page then
    local name, value = "typst:inset", "(x: 3pt, y: 5pt)"
    if FORMAT == "docx" then name, value = "custom-style", "Small Table" end
    tbl.attr.attributes[name] = value
    least, wanted, whole, text_in = measured(tbl, tight)
  end
  local fits = sum(whole) <= page
  local widths = fits and whole or sum(wanted) <= page and wanted or shared(least, wanted, text_in)
  local room = math.max(page, sum(widths))
  tbl.colspecs = tbl.colspecs:map(function(spec, c)
    return { spec[1], not (fits and FORMAT == "typst") and widths[c] / room or nil }
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
