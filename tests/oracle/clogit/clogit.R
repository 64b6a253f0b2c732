# R 4.2.2, survival 3.5.3, survey 4.1.1, numDeriv 2016.8: Rscript clogit.R WAGE_PANEL.csv   (in this folder)
# WAGE_PANEL.csv: linearmodels.datasets.wage_panel.load().to_csv("WAGE_PANEL.csv", index=False)
# Writes infert.csv, panel.csv and clogit.json; reads twowave.csv and robek.csv.
suppressMessages({library(survival); library(survey); library(numDeriv); library(jsonlite)})
options(digits = 15, survey.lonely.psu = "fail")
Z2 <- qchisq(0.95, 1)
wage_file <- commandArgs(trailingOnly = TRUE)[1]

write.csv(infert[, c("stratum", "case", "spontaneous", "induced")], "infert.csv", row.names = FALSE)
set.seed(20080518)
sizes <- sample(2:7, 60, TRUE)
panel <- data.frame(id = rep(1:60, sizes), wave = sequence(sizes))
panel$a <- round(rnorm(nrow(panel)), 3); panel$b <- rbinom(nrow(panel), 2, 0.4)
panel$y <- rbinom(nrow(panel), 1, plogis(rep(rnorm(60, sd = 1.5), sizes) + 0.7 * panel$a - 0.5 * panel$b))
panel$level <- pmin(3, pmax(0, rpois(nrow(panel), 0.6 + panel$y)))
panel$w <- rep(round(runif(60, 0.5, 4), 2), sizes); panel$cl <- rep(sample(1:15, 60, TRUE), sizes)
write.csv(panel, "panel.csv", row.names = FALSE)

tidy <- function(f) { s <- summary(f); list(coef = unname(coef(f)), se = unname(sqrt(diag(vcov(f)))), loglik = f$loglik,
  lr = unname(s$logtest), wald = unname(f$wald.test), score = unname(f$score)) }
exact <- function(form, d) clogit(form, d, method = "exact", control = coxph.control(eps = 1e-14, iter.max = 50))
# profile limits: coefficient of v fixed by an offset, the rest maximised
profile_end <- function(form, d, v, top, from, to) {
  g <- function(c) { d$off <- c * d[[v]]; f <- update(form, ~ . + offset(off))
    l <- suppressWarnings(exact(f, d))$loglik; 2 * (top - l[length(l)]) - Z2 }
  uniroot(g, c(from, to), tol = 1e-10)$root }

R <- list()
inf <- read.csv("infert.csv")
R$infert <- tidy(exact(case ~ spontaneous + induced + strata(stratum), inf))
f <- exact(case ~ spontaneous + induced + strata(stratum), inf); top <- f$loglik[2]
R$infert$profile <- list(
  c(profile_end(case ~ induced + strata(stratum), inf, "spontaneous", top, 0.5, 1.9),
    profile_end(case ~ induced + strata(stratum), inf, "spontaneous", top, 2, 4)),
  c(profile_end(case ~ spontaneous + strata(stratum), inf, "induced", top, 0, 1.3),
    profile_end(case ~ spontaneous + strata(stratum), inf, "induced", top, 1.5, 4)))
# one case a stratum: Efron's likelihood is the exact one, and has a robust variance (no C/(C - 1))
r <- clogit(case ~ spontaneous + induced + strata(stratum) + cluster(stratum), inf, method = "efron")
R$infert$robust_se <- unname(sqrt(diag(vcov(r))))

wp <- read.csv(wage_file); wp$yr <- factor(wp$year)
R$wage_panel <- tidy(exact(union ~ married + yr + strata(nr), wp))

tw <- read.csv("twowave.csv"); tw$gf <- factor(tw$g)
R$twowave_1 <- tidy(exact(y ~ wave + strata(id), tw))
part <- droplevels(subset(tw, g != 5))   # the limit: group 5, all up, adds nothing to the log-likelihood
R$twowave_2 <- tidy(exact(y ~ wave + wave:gf + strata(id), part))
for (k in 2:5) tw[[paste0("w", k)]] <- (tw$g == k) * tw$wave
R$twowave_2$separated_low <- profile_end(y ~ wave + w2 + w3 + w4 + strata(id), tw, "w5", R$twowave_2$loglik[2], -4, 3)

rk <- read.csv("robek.csv", colClasses = c("character", rep("integer", 4)))
rk <- reshape(rk, direction = "long", varying = c("in_2008", "in_2012", "in_2015"), v.names = "y", timevar = "wave",
  times = c(2008, 2012, 2015), idvar = "code"); rk$w <- factor(rk$wave); rk$k <- factor(rk$centrality)
rk <- rk[!is.na(rk$y), ]
R$robek_1 <- tidy(exact(y ~ w + strata(code), rk))
for (t in c(2012, 2015)) { rk[[paste0("t", t)]] <- (rk$wave == t) * 1
  for (k in 1:3) rk[[paste0("t", t, "k", k)]] <- (rk$wave == t & rk$centrality == k) * 1 }
R$robek_2 <- tidy(exact(y ~ t2012 + t2015 + t2012k1 + t2015k1 + t2012k2 + t2015k2 + t2012k3 + t2015k3 + strata(code), rk))

R$panel <- tidy(exact(y ~ a + b + strata(id), panel)); top <- R$panel$loglik[2]; est <- R$panel$coef
R$panel$profile <- list(
  c(profile_end(y ~ b + strata(id), panel, "a", top, est[1] - 2, est[1]), profile_end(y ~ b + strata(id), panel, "a", top, est[1], est[1] + 2)),
  c(profile_end(y ~ a + strata(id), panel, "b", top, est[2] - 2, est[2]), profile_end(y ~ a + strata(id), panel, "b", top, est[2], est[2] + 2)))

# Firth: maximum of the exact log-likelihood + 1/2 log |I|, by optim and then Newton on numerical derivatives
firth <- function(form, d, p) {
  at <- function(b) suppressWarnings(clogit(form, d, method = "exact", init = b, control = coxph.control(iter.max = 0)))
  pl <- function(b) { f <- at(b); f$loglik[length(f$loglik)] - 0.5 * as.numeric(determinant(vcov(f))$modulus) }
  b <- optim(rep(0, p), function(b) -pl(b), method = "BFGS", control = list(reltol = 1e-14))$par
  for (i in 1:3) b <- b - solve(hessian(pl, b), grad(pl, b))
  f <- at(b); list(coef = b, se = unname(sqrt(diag(vcov(f)))), loglik = f$loglik[length(f$loglik)], penalised = pl(b), null = pl(rep(0, p))) }
R$firth_infert <- firth(case ~ spontaneous + induced + strata(stratum), inf, 2)
R$firth_twowave_1 <- firth(y ~ wave + strata(id), tw, 1)
R$firth_twowave_2 <- firth(y ~ wave + w2 + w3 + w4 + w5 + strata(id), tw, 5)
R$firth_panel <- firth(y ~ a + b + strata(id), panel, 2)

# Weights: the first two waves; the sandwich of logistic regression on differences, units without change a domain of weight zero
two <- subset(panel, wave <= 2); one <- two[two$wave == 1, ]; two <- two[two$wave == 2, ]
pairs <- data.frame(id = one$id, w = one$w, cl = one$cl, changed = one$y != two$y, N = 300)
s <- ifelse(two$y > one$y, 1, -1); pairs$up <- (s > 0) * 1; pairs$a <- two$a - one$a; pairs$b <- two$b - one$b
svy <- function(ids, fpc, w) { D <- svydesign(ids = ids, weights = w, fpc = fpc, data = pairs)
  f <- svyglm(up ~ a + b - 1, subset(D, changed), family = quasibinomial, control = glm.control(epsilon = 1e-14)); list(coef = unname(coef(f)), se = unname(SE(f))) }
R$weights <- svy(~id, NULL, ~w); R$weights_fpc <- svy(~id, ~N, ~w); R$weights_cluster <- svy(~cl, NULL, ~w)
R$robust <- svy(~id, NULL, ~1)

# Ordered answers over the first two waves: a copy of the unit for each cut; with one yes a copy Efron's likelihood is exact
wide <- subset(panel, wave <= 2)
copies <- do.call(rbind, lapply(1:3, function(k) transform(wide, z = (level >= k) * 1, copy = id * 10 + k)))
copies <- copies[ave(copies$z, copies$copy) == 0.5, ]
o <- clogit(z ~ a + b + strata(copy) + cluster(id), copies, method = "efron", control = coxph.control(eps = 1e-14))
R$ordered <- list(coef = unname(coef(o)), robust_se = unname(sqrt(diag(vcov(o)))), units = length(unique(wide$id)))
o <- clogit(z ~ a + b + strata(copy), do.call(rbind, lapply(1:3, function(k) transform(panel, z = (level >= k) * 1, copy = id * 10 + k))), method = "exact")
R$ordered_all <- list(coef = unname(coef(o)), loglik = o$loglik)

# Paired shares, from yes-yes, no-to-yes, yes-to-no, no-no: Newcombe (1998, method 10) written out from the paper;
# Tango (1998) with the constrained maximum found numerically
paired <- function(yy, up, down, nn) { n <- yy + up + down + nn; z <- qnorm(0.975); d <- (up - down) / n
  W <- function(x) { p <- x / n; h <- z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2)); (p + z^2 / (2 * n) + c(-h, h)) / (1 + z^2 / n) }
  A <- (yy + up) * (down + nn) * (yy + down) * (up + nn); B <- yy * nn - up * down
  C <- if (B > n / 2) B - n / 2 else if (B >= 0) 0 else B; phi <- if (A == 0) 0 else C / sqrt(A)
  p1 <- (yy + up) / n; p0 <- (yy + down) / n; w1 <- W(yy + up); w0 <- W(yy + down)
  dl <- p1 - w1[1]; du <- w1[2] - p1; el <- p0 - w0[1]; eu <- w0[2] - p0
  score <- function(t) { lo <- max(0, -t); hi <- (1 - t) / 2     # q = P(yes to no); P(no to yes) = q + t
    ll <- function(q) { v <- c(up, down, yy + nn) * log(pmax(c(q + t, q, 1 - 2 * q - t), 1e-300)); sum(v[c(up, down, yy + nn) > 0]) }
    q <- optimize(ll, c(lo, hi), maximum = TRUE, tol = 1e-13)$maximum; (up - down - n * t) / sqrt(n * (2 * q + t * (1 - t))) }
  list(counts = c(yy, up, down, nn), newcombe = c(d - sqrt(dl^2 - 2 * phi * dl * eu + eu^2), d + sqrt(du^2 - 2 * phi * du * el + el^2)),
    tango = c(uniroot(function(t) score(t) - z, c(-0.9999, d), tol = 1e-12)$root, uniroot(function(t) score(t) + z, c(d, 0.9999), tol = 1e-12)$root)) }
R$paired <- list(paired(20, 12, 2, 16), paired(59, 16, 6, 80), paired(10, 19, 6, 31), paired(0, 3, 1, 9))
b <- binom.test(19, 25); R$mcnemar <- list(up = 19, down = 6, exact = b$p.value, mid_p = b$p.value - dbinom(19, 25, 0.5),
  odds = b$conf.int / (1 - b$conf.int), asymptotic = mcnemar.test(matrix(c(0, 6, 19, 0), 2), correct = FALSE)$p.value)

# All 5 x 2 tables with the margins of twowave: likelihood ratio, chi-square and probability orderings
n <- c(4, 3, 7, 5, 6); u <- c(3, 2, 4, 4, 6); T <- as.matrix(expand.grid(lapply(n, function(k) 0:k))); T <- T[rowSums(T) == 19, ]
lp <- apply(T, 1, function(v) sum(lchoose(n, v))) - lchoose(25, 19); pr <- exp(lp)
xl <- function(v) sum(ifelse(v > 0, v * log(v / n), 0) + ifelse(n - v > 0, (n - v) * log(1 - v / n), 0))
LR <- apply(T, 1, xl); X2 <- apply(T, 1, function(v) { e <- n * 19 / 25; sum((v - e)^2 / e + (v - e)^2 / (n - e)) })
o <- which(apply(T, 1, function(v) all(v == u)))
R$orderings <- list(lr = sum(pr[LR >= LR[o] - 1e-9]), score = sum(pr[X2 >= X2[o] - 1e-9]), probability = sum(pr[lp <= lp[o] + 1e-9]),
  fisher = fisher.test(rbind(u, n - u))$p.value, lr_mid = sum(pr[LR > LR[o] + 1e-9]) + sum(pr[abs(LR - LR[o]) < 1e-9]) / 2)
write_json(R, "clogit.json", digits = NA, auto_unbox = TRUE, pretty = FALSE)
