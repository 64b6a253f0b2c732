# R-indicators of a response model, written out from the papers on units (not cells), with R's glm.
# usage: Rscript response.R OUTDIR     writes units.csv.gz and response.json
suppressMessages(library(jsonlite))
out <- commandArgs(TRUE)[1]; set.seed(20170101); options(digits=15)
N <- 426; u <- data.frame(size=sample(c("a","b","c","d","e"), N, TRUE, c(.3,.25,.2,.15,.1)), central=sample(0:3, N, TRUE))
u$answered <- rbinom(N, 1, plogis(-.2 + .25*match(u$size, letters) + .15*u$central))
f <- gzfile(file.path(out,"units.csv.gz")); write.csv(u, f, row.names=FALSE)
g <- glm(answered ~ size + factor(central), binomial, u, control=list(epsilon=1e-15, maxit=100))
x <- model.matrix(g); rho <- fitted(g); z <- rho*(1-rho)*x; V <- solve(t(z) %*% x)
S2 <- sum((rho-mean(rho))^2)/(N-1)
bias <- mean(apply(z, 1, function(zi) t(zi) %*% V %*% zi))                      # Shlomo, Skinner & Schouten (2012), n = N
cz <- sweep(z, 2, colMeans(z)); A <- colMeans(cz*(rho-mean(rho))); B <- crossprod(cz)/N
vS2 <- drop(4*t(A) %*% V %*% A + 2*sum(diag(B %*% V %*% B %*% V)))
S <- sqrt(S2-bias)
R <- list(R=1-2*S, unadjusted=1-2*sqrt(S2), se=sqrt(vS2/S2), rate=mean(u$answered), bound=S/mean(rho))
quad <- function(r, zz) { q <- mean(r^2); A <- colMeans(zz*r); B <- crossprod(zz)/N; BV <- B %*% V
  list(raw=sqrt(q), est=sqrt(max(q-sum(diag(BV)),0)), se=sqrt(drop(4*t(A) %*% V %*% A + 2*sum(diag(BV %*% BV))))/(2*sqrt(q))) }
av <- function(m, by) apply(m, 2, ave, by)
part <- function(v, other) list(unconditional=quad(ave(rho,u[[v]])-mean(rho), sweep(av(z,u[[v]]),2,colMeans(z))),
  conditional=quad(rho-ave(rho,u[[other]]), z-av(z,u[[other]])),
  categories=lapply(sort(unique(u[[v]])), function(k) { i <- u[[v]]==k; d <- colMeans(z[i,,drop=FALSE])-colMeans(z)
    list(category=k, unconditional=sqrt(mean(i))*(mean(rho[i])-mean(rho)), se=sqrt(mean(i)*drop(t(d) %*% V %*% d)), conditional=quad((rho-ave(rho,u[[other]]))*i, (z-av(z,u[[other]]))*i)) }))
R$size <- part("size","central"); R$central <- part("central","size")
R$coef <- coef(summary(g))[,1:2]; R$weights <- (1/rho)[u$answered==1][1:10]
chi <- function(v) {p <- table(u[[v]])/N; o <- table(u[[v]][u$answered==1]); n <- sum(o); unname(chisq.test(o, p=p)$statistic*(N-1)/(N-n))}
R$chisq <- list(size=chi("size"), central=chi("central"))
write_json(R, file.path(out,"response.json"), digits=12, auto_unbox=TRUE)
