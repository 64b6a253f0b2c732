# Values of R's survey package on its own California schools data.
# usage: Rscript survey.R OUTDIR      writes survey.json.gz, apistrat.csv.gz, apiclus1.csv.gz, apisrs.csv.gz, nearcensus.csv.gz, boot_*.csv.gz
suppressMessages({library(survey); library(jsonlite)})
args <- commandArgs(TRUE); out <- if (length(args)) args[1] else "."
options(digits=15, survey.lonely.psu="fail")
data(api)
gz <- function(d, name) {f <- gzfile(file.path(out, paste0(name, ".csv.gz"))); write.csv(d, f, row.names=FALSE)}
cols <- c("stype","dnum","api00","api99","sch.wide","comp.imp","awards","meals","ell","mobility","enroll","api.stu")
apistrat$st2 <- as.character(apistrat$stype); apistrat$st2[which(apistrat$stype=="H")[1]] <- "LONE"
apistrat$fpc2 <- apistrat$fpc; apistrat$fpc2[apistrat$st2=="LONE"] <- 20
gz(apistrat[,c(cols,"pw","fpc","st2","fpc2")],"apistrat"); gz(apiclus1[,c(cols,"pw","fpc")],"apiclus1"); gz(apisrs[,c(cols,"pw","fpc")],"apisrs")

safe <- function(e) tryCatch(e, error=function(x) list(error=conditionMessage(x)))
es <- function(x) list(names=names(coef(x)), est=as.numeric(coef(x)), se=as.numeric(sqrt(diag(as.matrix(vcov(x))))))
byes <- function(x) list(names=names(coef(x)), est=as.numeric(coef(x)), se=as.numeric(unlist(SE(x))))
test <- function(h) list(stat=as.numeric(h$statistic), par=as.numeric(h$parameter), p=as.numeric(h$p.value))
stats <- function(d) {
  L <- list(weights=as.numeric(weights(d,"sampling")), degf=degf(d))
  L$mean <- es(svymean(~api00,d)); L$ci <- as.numeric(confint(svymean(~api00,d), df=degf(d)))
  L$total <- es(svytotal(~enroll,d)); L$total_one <- es(svytotal(~I(api00*0+1),d)); L$share_stype <- es(svymean(~stype,d))
  L$vcov <- unclass(vcov(svymean(~api00+api99,d)))
  L$by_mean <- byes(svyby(~api00,~stype,d,svymean)); L$by_total <- byes(svyby(~enroll,~stype,d,svytotal))
  L$by_share <- byes(svyby(~sch.wide,~stype,d,svymean)); L$by_awards <- byes(svyby(~api00,~awards,d,svymean))
  L$domain <- es(svymean(~api00, subset(d, comp.imp=="Yes")))
  L$ratio <- es(svyratio(~api.stu,~enroll,d))
  L$deff <- as.numeric(deff(svymean(~api00,d,deff=TRUE))); L$deff_replace <- as.numeric(deff(svymean(~api00,d,deff="replace")))
  for (m in c("logit","beta","mean")) L[[paste0("share_",m)]] <- safe({p <- svyciprop(~I(comp.imp=="Yes"),d,method=if (m=="logit") "xlogit" else m); c(as.numeric(p),as.numeric(attr(p,"ci")))})
  for (s in c("F","Chisq","Wald","adjWald")) { L[[paste0("chisq_",s)]] <- safe(test(svychisq(~sch.wide+stype,d,statistic=s)))
    L[[paste0("chisq_awards_",s)]] <- safe(test(svychisq(~awards+comp.imp,d,statistic=s))) }
  g <- suppressWarnings(svyglm(sch.wide~ell+meals+mobility,design=d,family=quasibinomial(),control=list(epsilon=1e-14,maxit=100)))
  r <- regTermTest(g, ~ell+meals); rd <- regTermTest(g, ~ell+meals, df=Inf)
  L$logit <- c(es(g), list(df=g$df.residual, p=as.numeric(summary(g)$coefficients[,4]), wald=list(F=as.numeric(r$Ftest), df=r$df, ddf=r$ddf, p=as.numeric(r$p))))
  g <- svyglm(api00~ell+meals+mobility,design=d); L$linear <- es(g)
  q <- svyquantile(~api00,d,c(.25,.5,.75),ci=TRUE); L$quantile <- safe(list(q=as.numeric(coef(q)), se=as.numeric(SE(q)), ci=as.numeric(t(confint(q)))))
  L$ttest <- safe({t <- svyttest(api00~comp.imp,d); list(t=as.numeric(t$statistic),df=as.numeric(t$parameter),p=as.numeric(t$p.value),est=as.numeric(t$estimate))})
  by <- svyglm(api00~stype-1,d); L$contrast <- es(svycontrast(by, list(a=c(stypeE=1,stypeH=-.5,stypeM=-.5), b=c(stypeE=0,stypeH=1,stypeM=-1))))
  d <- update(d, score=as.numeric(stype)-1); L$trend <- es(svyglm(api00~score,design=d))
  L
}
one <- function(x, f) data.frame(setNames(list(names(f)), x), Freq=as.numeric(f))
pop.stype <- one("stype", table(apipop$stype)); pop.sw <- one("sch.wide", table(apipop$sch.wide)); pop.aw <- one("awards", table(apipop$awards))
pop.ssw <- as.data.frame(xtabs(~stype+sch.wide, apipop)); tot <- colSums(model.matrix(~stype+api99, apipop))
ctl <- list(maxit=60, epsilon=1e-13)
base <- list(
 strat = svydesign(id=~1,strata=~stype,weights=~pw,data=apistrat,fpc=~fpc),
 strat_nofpc = svydesign(id=~1,strata=~stype,weights=~pw,data=apistrat),
 clus1 = svydesign(id=~dnum,weights=~pw,data=apiclus1,fpc=~fpc),
 clus1_nofpc = svydesign(id=~dnum,weights=~pw,data=apiclus1),
 srs = svydesign(id=~1,weights=~pw,data=apisrs,fpc=~fpc))
# rake and calibrate(calfun="raking") give the same weights. Where base weights differ their standard errors do not: rake's residuals
# are from unweighted margins, calibrate's from base-weighted ones (Deville, Sarndal & Sautory 1993). The values are calibrate's;
# by_rake holds rake's.
by_margins <- function(d, f) calibrate(d, f, colSums(model.matrix(f, apipop)), calfun="raking", epsilon=1e-12, maxit=200)
by_rake <- function(d, f, totals) es(svymean(~api00, suppressWarnings(rake(d, f, totals, control=ctl))))
variants <- function(d) { rake2 <- by_margins(d, ~stype+sch.wide); u <- as.numeric(quantile(weights(rake2),.9)); l <- as.numeric(quantile(weights(rake2),.05))
 list(base=d, post_stype=postStratify(d,~stype,pop.stype), post_cells=postStratify(d,~stype+sch.wide,pop.ssw), rake2=rake2,
  rake3=by_margins(d, ~stype+sch.wide+awards),
  cal_linear=calibrate(d,~stype+api99,tot,calfun="linear"), cal_raking=calibrate(d,~stype+api99,tot,calfun="raking",epsilon=1e-12,maxit=200),
  cal_logit=calibrate(d,~stype+api99,tot,calfun="logit",bounds=c(0.4,3),epsilon=1e-12,maxit=500),
  cal_truncated=calibrate(d,~stype+api99,tot,calfun="linear",bounds=c(0.5,2),epsilon=1e-12,maxit=500),
  cal_tight=safe(calibrate(d,~stype+api99,tot,calfun="linear",bounds=c(0.9,1.2),epsilon=1e-12,maxit=500)),
  trim=trimWeights(rake2,upper=u,lower=l), trim_strict=trimWeights(rake2,upper=u,lower=l,strict=TRUE),
  trim_post=postStratify(trimWeights(rake2,upper=u,lower=l),~stype,pop.stype)) }
R <- list(meta=list(R=R.version.string, survey=as.character(packageVersion("survey"))))
R$population <- list(stype=pop.stype, sch.wide=pop.sw, awards=pop.aw, cells=pop.ssw, api99=sum(apipop$api99))
R$api <- list()
for (b in names(base)) { V <- variants(base[[b]]); R$api[[b]] <- list()
  for (v in names(V)) R$api[[b]][[v]] <- if (inherits(V[[v]],"survey.design")) stats(V[[v]]) else V[[v]]
  R$api[[b]]$by_rake <- list(rake2=by_rake(base[[b]], list(~stype,~sch.wide), list(pop.stype,pop.sw)),
    rake3=by_rake(base[[b]], list(~stype,~sch.wide,~awards), list(pop.stype,pop.sw,pop.aw))) }
# replicates
R$rep <- list()
repstats <- function(d) list(mean=es(svymean(~api00,d)), total=es(svytotal(~enroll,d)), share=es(svymean(~sch.wide,d)), by_mean=byes(svyby(~api00,~stype,d,svymean)), by_share=byes(svyby(~sch.wide,~awards,d,svymean)),
  logit=es(suppressWarnings(svyglm(sch.wide~ell+meals+mobility,design=d,family=quasibinomial(),control=list(epsilon=1e-14,maxit=100)))), degf=degf(d))
for (b in names(base)[1:4]) { set.seed(7); d <- base[[b]]; R$rep[[b]] <- list()
  RD <- list(jack=as.svrepdesign(d, type=if (grepl("strat",b)) "JKn" else "JK1"), boot=as.svrepdesign(d,type="bootstrap",replicates=60))
  # rake looks at the full sample alone for convergence: no tolerance lets the replicates converge too
  gz(signif(as.data.frame(as.matrix(weights(RD$boot,"analysis"))),12), paste0("boot_",b))
  for (t in names(RD)) { rd <- RD[[t]]
    V <- list(base=rd, rake2=suppressWarnings(rake(rd,list(~stype,~sch.wide),list(pop.stype,pop.sw),control=list(maxit=60,epsilon=1e-18))), post_stype=postStratify(rd,~stype,pop.stype), cal_linear=calibrate(rd,~stype+api99,tot,calfun="linear"), cal_raking=calibrate(rd,~stype+api99,tot,calfun="raking",epsilon=1e-12,maxit=100))
    R$rep[[b]][[t]] <- c(list(scale=rd$scale, rscales=rd$rscales), lapply(V, repstats)) } }
# lonely strata
R$lonely <- list()
for (o in c("fail","remove","adjust","average","certainty")) { options(survey.lonely.psu=o)
  for (f in c(TRUE,FALSE)) R$lonely[[paste0(o, if (f) "" else "_nofpc")]] <- safe({d <- if (f) svydesign(id=~1,strata=~st2,weights=~pw,data=apistrat,fpc=~fpc2) else svydesign(id=~1,strata=~st2,weights=~pw,data=apistrat); list(mean=es(svymean(~api00,d)),total=es(svytotal(~enroll,d)))}) }
options(survey.lonely.psu="fail")
# a sample that is nearly a census: 40 of 60, every unit of cell c answered; y has missing values in y2
near <- data.frame(cell=rep(c("a","b","c"), c(14,16,10)), y=c(rep(c(1,0,1,1,0,1,0),2), rep(c(0,0,1,0),4), rep(c(1,1,0,1,0),2)), x=round(10+5*sin(1:40),3), N=60, Nc=rep(c(20,30,10), c(14,16,10)))
near$y2 <- near$y; near$y2[c(3,17,33)] <- NA
gz(near,"nearcensus")
cells <- data.frame(cell=c("a","b","c"), Freq=c(20,30,10))
nb <- svydesign(id=~1,fpc=~N,data=near); np <- postStratify(nb,~cell,cells); ns_ <- svydesign(id=~1,strata=~cell,fpc=~Nc,data=near)
ci <- function(d) {p <- svyciprop(~y,d,method="xlogit"); c(as.numeric(p),as.numeric(attr(p,"ci")))}
nstats <- function(d) list(share=ci(d), mean=es(svymean(~x,d)), total=es(svytotal(~y,d)), by=byes(svyby(~x,~cell,d,svymean)), missing=es(svymean(~y2,d,na.rm=TRUE)), degf=degf(d))
R$near <- list(base=nstats(nb), post=nstats(np), strata=nstats(ns_))
digits12 <- function(x) if (is.list(x)) lapply(x, digits12) else if (is.numeric(x)) signif(x, 14) else x
f <- gzfile(file.path(out,"survey.json.gz"),"w"); writeLines(toJSON(digits12(R), digits=NA, auto_unbox=TRUE, matrix="rowmajor", dataframe="columns"), f); close(f)
cat("written\n")
