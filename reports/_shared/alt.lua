-- Quarto, Word: keeps each picture's alternative text as its title, from where evalkit moves it to its place;
-- Quarto itself writes the file name there.
function Image(image)
  local alt = image.attributes["fig-alt"]
  if alt and FORMAT == "docx" then
    image.title = alt
    return image
  end
end
