# Weights that happen to be 1, and t tests of shares with few answers, in R's survey.
# usage: Rscript shares.R DIR      writes shares.json there; the data are the formulas below, repeated in the tests
suppressMessages({library(survey); library(jsonlite)})
args <- commandArgs(TRUE); dir <- if (length(args)) args[1] else "."
i <- 0:49
d <- data.frame(x=(i*7)%%11, y=as.numeric((i*5)%%8 < 3), g=ifelse(i < 24, "a", "b"), one=1, N=100)
d$normal <- ifelse(d$g == "a", 1, ifelse(i%%2 == 0, 0.5, 1.5))
d$low <- ifelse(d$g == "a", 0.9, 3)
pair <- function(s) list(estimate=as.numeric(coef(s)), se=as.numeric(SE(s)))
one <- svydesign(~1, weights=~one, fpc=~N, data=d)
normal <- svydesign(~1, weights=~normal, fpc=~N, data=d)
low <- trimWeights(svydesign(~1, weights=~low, fpc=~N, data=d), lower=1)
strata <- svydesign(~1, strata=~g, weights=~one, fpc=~Ng, data=transform(d, Ng=ifelse(g == "a", 24, 60)))
R <- list(meta=list(R=R.version.string, survey=as.character(packageVersion("survey"))))
R$one <- list(x=pair(svymean(~x, one)), y=pair(svymean(~y, one)))
R$normal <- pair(svyby(~x, ~g, normal, svymean))
R$trim <- c(pair(svyby(~x, ~g, low, svymean)), list(weights=as.numeric(weights(low)[c(1, 50)])))
R$strata <- pair(svyby(~x, ~g, strata, svymean))
jack <- as.svrepdesign(one, type="JK1"); R$jack <- pair(svymean(~x, jack))
t <- function(a, n, b, m) {
  e <- data.frame(y=rep(c(1, 0, 1, 0), c(a, n-a, b, m-b)), g=rep(0:1, c(n, m)))
  s <- suppressWarnings(svyttest(y~g, svydesign(~1, weights=~1, data=e)))
  list(a=a, n=n, b=b, m=m, t=as.numeric(s$p.value), fisher=fisher.test(table(factor(e$y), e$g))$p.value)
}
R$t <- list(t(15, 20, 2, 2), t(15, 20, 4, 4), t(15, 20, 6, 6), t(17, 20, 4, 4), t(10, 20, 12, 16), t(20, 40, 32, 44), t(20, 40, 29, 44))
write_json(R, file.path(dir, "shares.json"), digits=14, auto_unbox=TRUE)
