# Rscript points.R > points.json, in this folder. R survey: values that the tests of points of change and of separated regressions hold to.
suppressPackageStartupMessages(library(survey)); options(digits = 12)
num <- function(v) paste0("[", paste(format(as.numeric(v), digits = 12), collapse = ", "), "]")
out <- list()

# A group that all says yes: the coefficients that stay finite, and their errors.
d <- read.csv("separated.csv"); d$size <- factor(d$size, c("L", "M", "S"))
one <- function(design) {
  m <- suppressWarnings(svyglm(y ~ size + z, design, family = quasibinomial(), control = list(epsilon = 1e-12, maxit = 60)))
  keep <- c("(Intercept)", "sizeM", "z")
  c(coef(m)[keep], SE(m)[keep], m$df.residual)
}
out$separated_plain <- one(svydesign(~1, weights = ~1, data = d))
out$separated_weighted <- one(svydesign(~1, weights = ~w, data = d))
out$separated_strata <- one(svydesign(~1, strata = ~h, weights = ~w, fpc = ~N, data = d))

# Change of units asked twice, by group, in a sample of the whole: N of the whole, and weights with units outside the domain.
p <- read.csv("paired.csv"); w <- reshape(p, idvar = c("id", "g", "w"), timevar = "wave", direction = "wide", v.names = "y")
w$d <- w$y.1 - w$y.0; w$N <- 356; w$f <- 200 / 356
by <- function(design) { b <- svyby(~d, ~g, design, svymean); c(coef(b), SE(b)) }
out$paired_fpc <- by(svydesign(~1, fpc = ~N, data = w))
out$paired_fraction <- by(svydesign(~1, fpc = ~f, data = w))
out$paired_weighted <- by(svydesign(~1, weights = ~w, fpc = ~N, data = w))
whole <- svymean(~d, svydesign(~1, weights = ~w, data = w)); out$paired_whole <- c(coef(whole), SE(whole))
even <- svymean(~d, svydesign(~1, weights = ~w, data = w[w$id %% 2 == 0, ])); out$paired_even <- c(coef(even), SE(even))

cat("{\n", paste0('  "', names(out), '": ', sapply(out, num), collapse = ",\n"), ',\n  "versions": "',
    R.version.string, ", survey ", as.character(packageVersion("survey")), '"\n}\n', sep = "")
