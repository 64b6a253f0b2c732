# The inputs in R: Rscript of_r.R FOLDER, with <case>.csv in it and margins.csv; a line a call, as TSV:
# case, call, what was said, name=value ...
suppressMessages({library(survey); library(survival)})
options(digits = 15, survey.lonely.psu = "fail")
folder <- commandArgs(TRUE)[1]
rows <- function(case) read.csv(file.path(folder, paste0(case, ".csv")), stringsAsFactors = TRUE)
one_line <- function(text) gsub("[\t\n ]+", " ", text)

run <- function(case, call, f) {
  said <- ""
  got <- tryCatch(withCallingHandlers(f(rows(case)), warning = function(w) {
    if (said == "") said <<- one_line(conditionMessage(w))
    invokeRestart("muffleWarning")
  }), error = function(e) paste0("raises: ", one_line(conditionMessage(e))))
  if (is.character(got)) cat(case, call, got, sep = "\t")
  else cat(c(case, call, said, paste0(names(got), "=", sprintf("%.15g", got))), sep = "\t")
  cat("\n")
}

changed <- function(d, unit = d$id) { share <- ave(d$y, unit); d[share > 0 & share < 1, ] }
# units that changed: Efron's approximation of ties would count the others
model <- function(d, terms, method = "exact") {
  if (method == "efron") d <- changed(d)
  f <- as.formula(paste("y ~", paste(terms, collapse = " + "), "+ strata(id)", if ("cluster" %in% names(d)) "+ cluster(cluster)"))
  if ("weight" %in% names(d)) clogit(f, d, method = method, weights = weight) else clogit(f, d, method = method)
}
asked <- function(terms, scale = 1, method = "exact") function(d) {
  m <- model(d, terms, method); k <- length(terms)
  c(estimate = coef(m)[[k]] * scale, `std. error` = sqrt(diag(vcov(m)))[[k]] * scale, lower = confint(m)[k, 1] * scale,
    `log-likelihood` = m$loglik[length(m$loglik)])
}
for (case in c("plain", "all_up")) run(case, "clogit", asked("wave"))
run("all_up_copied", "clogit(method='efron') with cluster()", asked("wave", method = "efron"))
run("weighted_separated", "clogit(method='efron', weights=)", asked(c("wave_a", "wave_b"), method = "efron"))
for (case in c("noise", "against_1e-9", "near_separated")) run(case, "clogit", asked("x"))
run("tiny_scale", "clogit", asked(c("wave", "x"), 1e-13))
run("huge_scale", "clogit", asked(c("wave", "x"), 1e12))
run("years", "clogit", asked("year"))
run("weights", "clogit(weights=)", asked(c("wave", "x")))
run("weights", "clogit(method='efron', weights=, robust)", function(d) {
  m <- clogit(y ~ wave + x + strata(id) + cluster(id), changed(d), method = "efron", weights = weight)
  c(estimate = coef(m)[[2]], `std. error` = sqrt(diag(vcov(m)))[[2]], lower = confint(m)[2, 1])
})
run("few_clusters", "clogit with cluster(): summary's robust Wald test", function(d) {
  m <- model(d, c("wave", "a", "b"), "efron"); c(p = summary(m)$waldtest[["pvalue"]])
})
run("ordered", "clogit of the copies, cluster()", function(d) {
  b <- do.call(rbind, lapply(2:5, function(k) transform(d, y = as.integer(y >= k), copy = paste(id, k))))
  m <- clogit(y ~ wave + strata(copy) + cluster(id), changed(b, b$copy), method = "efron")
  c(estimate = coef(m)[[1]], p = summary(m)$coefficients[1, "Pr(>|z|)"])
})

wide <- function(d) {
  w <- reshape(d, idvar = "id", timevar = "wave", direction = "wide", v.names = "y"); w$gap <- w$y.1 - w$y.0; w
}
change <- function(d, design) {
  m <- svymean(~gap, design); i <- confint(m, df = degf(design))
  c(change = coef(m)[[1]], `std. error` = SE(m)[[1]], upper = i[1, 2])
}
run("zero_weights", "svymean of the differences, subset(weight > 0)", function(d) {
  s <- subset(svydesign(~1, weights = ~weight, data = wide(d)), weight > 0); c(change(d, s), n = nrow(s))
})
run("group_fpc", "svyby of the differences", function(d) {
  w <- wide(d); w$N <- 356; b <- SE(svyby(~gap, ~group, svydesign(~1, fpc = ~N, data = w), svymean))
  c(`std. error A` = b[[1]], `std. error B` = b[[2]])
})
run("nobody_changed", "svymean of the differences", function(d) change(d, svydesign(~1, weights = ~weight, data = wide(d))))
run("three_up", "svyglm with unit effects", function(d) {
  m <- svyglm(y ~ wave + factor(id), svydesign(~id, weights = ~1, data = d))
  c(estimate = coef(m)[["wave"]], p = 2 * pt(-abs(coef(m)[["wave"]] / SE(m)[["wave"]]), degf(m$survey.design)))
})
run("three_up", "mcnemar.test", function(d) {
  w <- wide(d); lev <- c(0, 1); c(p = mcnemar.test(table(factor(w$y.0, lev), factor(w$y.1, lev)))$p.value)
})

srs <- function(d) {
  if (is.numeric(d$size)) svydesign(~1, weights = ~weight, fpc = ~size, data = d) else svydesign(~1, weights = ~weight, data = d)
}
mean_of <- function(m) c(mean = coef(m)[[1]], `std. error` = SE(m)[[1]])
run("all_ones", "svymean", function(d) mean_of(svymean(~x, srs(d))))
run("mean_one", "svyby", function(d) { m <- svyby(~x, ~group, srs(d), svymean); c(mean = coef(m)[[1]], `std. error` = SE(m)[[1]]) })
limits <- function(method) function(d) {
  i <- confint(svyciprop(~y, srs(d), method = method)); c(lower = i[[1]], upper = i[[2]])
}
run("zero_of_20", "svyciprop", limits("logit"))
run("zero_of_20", "svyciprop(method='beta')", limits("beta"))
tested <- function(d) c(p = svyttest(y ~ group, srs(d))$p.value[[1]])
for (case in c("15_20_2_2", "0_20_20_20")) run(case, "svyttest", tested)
for (case in c("15_20_2_2", "0_20_20_20")) run(case, "svychisq", function(d) c(p = svychisq(~group + y, srs(d))$p.value[[1]]))
run("perfect_table", "svychisq", function(d) c(p = svychisq(~group + y, srs(d))$p.value[[1]]))
totals <- read.csv(file.path(folder, "margins.csv"))
run("raking", "rake", function(d) {
  pop <- lapply(c("a", "b"), function(v) { k <- totals[totals$name == v, ]; setNames(data.frame(k$level, k$total), c(v, "Freq")) })
  mean_of(svymean(~y, rake(srs(d), list(~a, ~b), pop, control = list(maxit = 200, epsilon = 1e-9))))
})
run("raking", "calibrate(calfun='raking')", function(d) {
  k <- setNames(totals$total, paste0(totals$name, totals$level)); pop <- c(`(Intercept)` = sum(k[1:3]), k[c("aq", "ar", "bY", "bZ")])
  mean_of(svymean(~y, calibrate(srs(d), ~ a + b, pop, calfun = "raking")))
})
clustered <- function(d) svydesign(~cluster, strata = ~stratum, weights = ~weight, data = d)
run("lonely", "svymean", function(d) mean_of(svymean(~x, clustered(d))))
run("domain", "svymean of subset", function(d) mean_of(svymean(~x, subset(clustered(d), domain == 1))))
run("median", "svyquantile", function(d) c(median = coef(svyquantile(~x, srs(d), 0.5))[[1]]))
run("all_yes", "svyglm", function(d) {
  m <- svyglm(y ~ medium + small, srs(d), family = quasibinomial())
  c(medium = coef(m)[["medium"]], `std. error of medium` = SE(m)[["medium"]], small = coef(m)[["small"]])
})
run("gap", "svyglm", function(d) c(estimate = coef(svyglm(y ~ scale(x), srs(d), family = quasibinomial()))[[2]]))
run("missing_p", "p.adjust", function(d) { p <- p.adjust(d$p, "holm"); c(first = p[1], third = p[3], fourth = p[4]) })
cat("version", R.version.string, paste("survey", packageVersion("survey")), paste("survival", packageVersion("survival")), sep = "\t")
