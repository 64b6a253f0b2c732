# R 4.2, survival 3.5: Rscript tests/oracle/robek_clogit.R   (from the repository's root)
# The register's dates read on their own terms, not from the .sav files that the study reads.
library(survival)
text <- function(f, ...) read.csv(f, colClasses = "character", na.strings = "", ...)
units <- subset(text("data_raw/register/municipalities.csv"), year == "2016")$code
spells <- text("analyses/robek/spells.csv", comment.char = "#")
spells$code[spells$code == "1729"] <- "1756"
status <- function(unit, day) {
  stay <- spells[spells$code == unit & spells$entered <= day, ]
  if (any((!is.na(stay$left) & stay$left > day) | stay$end == "in")) 1
  else if (any(stay$end == "unknown")) NA else 0
}
d <- expand.grid(code = units, wave = c(2008, 2012, 2015), stringsAsFactors = FALSE)
d$y <- mapply(status, d$code, paste0(d$wave, "-12-31"))
print(aggregate(y ~ wave, d, function(v) c(yes = sum(v), known = length(v))))
m <- clogit(y ~ I(wave == 2012) + I(wave == 2015) + strata(code), d, method = "exact")
print(signif(c(coef(m), sqrt(diag(vcov(m))), m$loglik), 10))
print(unique(d$code[is.na(d$y)]))
