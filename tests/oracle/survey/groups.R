# Response homogeneity groups in R's survey: strata by size, each with its own population, then raked to four margins.
# usage: Rscript groups.R DIR      reads groups.csv.gz there and writes groups.json
# groups.csv.gz: the 426 municipalities of 2017 with the margins of analyses/kompetanseloft2020 (Oslo weighted with Akershus) and its
# reconstructed answers, q17_2019 those of that wave: <question>_known (in the sample), <question> (missing outside its domain), everyone (answered anything).
suppressMessages({library(survey); library(jsonlite)})
args <- commandArgs(TRUE); dir <- if (length(args)) args[1] else "."
text <- c("unit","size","county","centrality","income")
u <- read.csv(gzfile(file.path(dir, "groups.csv.gz")), colClasses=setNames(rep("character",5), text))
u$N_h <- as.numeric(table(u$size)[u$size])
names <- text[-1]; margins <- lapply(names, function(x) as.formula(paste("~", x)))
totals <- lapply(names, function(x) setNames(as.data.frame(table(u[[x]])), c(x, "Freq")))
all <- as.formula(paste("~", paste(names, collapse="+"))); sums <- colSums(model.matrix(all, u))
# svyrecvar sweeps ten times over raked margins; here to the end, as in survey.R
ns <- asNamespace("survey"); ten <- get("svyrecvar", ns)
end <- ten; body(end) <- parse(text=gsub("1:10", "1:200", paste(deparse(body(ten)), collapse="\n"), fixed=TRUE))[[1]]
swap <- function(f) {unlockBinding("svyrecvar", ns); assign("svyrecvar", f, ns); lockBinding("svyrecvar", ns)}
design <- function(known) svydesign(ids=~1, strata=~size, fpc=~N_h, data=u[known,])
raked <- function(known) rake(design(known), margins, totals, control=list(maxit=1000, epsilon=1e-13))
stats <- function(d, y) {
  f <- as.formula(paste("~", y)); one <- svymean(f, d, na.rm=TRUE); by <- svyby(f, ~size, d, svymean, na.rm=TRUE)
  list(estimate=as.numeric(coef(one)), se=as.numeric(SE(one)), size=by$size, by=as.numeric(coef(by)), by_se=as.numeric(SE(by)))
}
R <- list(meta=list(R=R.version.string, survey=as.character(packageVersion("survey"))))
for (y in c("q3", "q1_1", "q17_2019")) {
  known <- u[[paste0(y, "_known")]] == 1
  swap(end); R[[y]] <- list(rake=stats(raked(known), y)); swap(ten)
  R[[y]]$calibrate <- stats(calibrate(design(known), all, sums, calfun="raking", epsilon=1e-12, maxit=500), y)
}
# change among those who answered both waves: some counties have none of them, so their weights are those of everyone
everyone <- u$everyone == 1; both <- u[everyone,]; both$w <- weights(raked(everyone)); both <- both[!is.na(both$q17_moved),]
both$w <- both$w * nrow(u) / sum(both$w)
R$q17_moved <- stats(svydesign(ids=~1, strata=~size, fpc=~N_h, weights=~w, data=both), "q17_moved")
digits14 <- function(x) if (is.list(x)) lapply(x, digits14) else if (is.numeric(x)) signif(x, 14) else x
writeLines(toJSON(digits14(R), digits=NA, auto_unbox=TRUE, pretty=TRUE), file.path(dir, "groups.json"))
