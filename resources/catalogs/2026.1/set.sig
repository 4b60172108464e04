{
 "key": "6Y1bkpKx8wvH6SCXhBhbwYveYahdfYwUTnLOVjGc4PY",
 "signed_by": "闽信通开发签名（未经区域平台签发）",
 "signed_on": "2026-11-24",
 "until": "2027-12-31",
 "sig": "tfx-xuq0OFvozXm10MsyCqJ7sgAbLZAsm0z0a6NMvE38oqsQ_2M3a2j_BMQ_g74SPPeNcFWtzADrmPmXY-lSAw"
}
