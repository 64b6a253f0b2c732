#!/usr/bin/env bash
# R survey 4.1-1: rake() and calibrate(calfun = "raking") give the same weights and standard errors that differ by half.
#
# A sample with unequal base weights (one unit in 50 of the large, one in 6 of the small), raked to two margins. The two
# functions solve the same equations: weights agree to 1e-8. The standard error of the mean is 1.5 times as large from rake().
# Drawn 400 times from one population, the means scatter as calibrate() says (0.9 to 1.1) and not as rake() says.
# rake() takes residuals within a margin without the base weights; where these are equal, the two agree.
set -eu
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get download -qq r-cran-survey=4.1-1-1 r-cran-mass r-cran-minqa r-cran-numderiv r-cran-mitools r-cran-dbi r-cran-rcpp >/dev/null 2>&1
mkdir library
for package in *.deb; do dpkg -x "$package" library; done
R_LIBS="$tmp/library/usr/lib/R/site-library:$tmp/library/usr/lib/R/library" Rscript --vanilla - <<'R'
suppressMessages(library(survey))
stopifnot(packageVersion("survey") == "4.1.1")
set.seed(7)
size <- 4000
a <- factor(sample(letters[1:3], size, TRUE))
b <- factor(sample(LETTERS[1:3], size, TRUE))
large <- rbinom(size, 1, .5)
population <- data.frame(a, b, y = 10 + 3 * (a == "b") + 2 * (b == "C") + 6 * large + rnorm(size))
chance <- ifelse(large == 1, 1 / 50, 1 / 6)
margin <- function(x) setNames(data.frame(levels(x), as.numeric(table(x))), c(NA, "Freq"))
margins <- list(setNames(margin(a), c("a", "Freq")), setNames(margin(b), c("b", "Freq")))
once <- function() {
  drawn <- runif(size) < chance
  design <- svydesign(~1, weights = 1 / chance[drawn], data = population[drawn, ])
  raked <- rake(design, list(~a, ~b), margins, control = list(epsilon = 1e-9, maxit = 100))
  calibrated <- calibrate(design, ~ a + b, colSums(model.matrix(~ a + b, population)), calfun = "raking", epsilon = 1e-10)
  c(max(abs(weights(raked) / weights(calibrated) - 1)), coef(svymean(~y, raked)), SE(svymean(~y, raked)), SE(svymean(~y, calibrated)))
}
drawn <- suppressWarnings(t(replicate(400, once())))
scatter <- sd(drawn[, 2])
cat(sprintf("weights differ at most by %.0e; standard error over scatter: rake %.2f, calibrate %.2f\n",
            max(drawn[, 1]), mean(drawn[, 3]) / scatter, mean(drawn[, 4]) / scatter))
stopifnot(max(drawn[, 1]) < 1e-8, mean(drawn[, 3]) / scatter > 1.3, abs(mean(drawn[, 4]) / scatter - 1) < .1)
R
