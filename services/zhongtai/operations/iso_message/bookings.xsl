<?xml version="1.0" encoding="UTF-8"?>
<!-- The bookings of camt.053 and camt.054 as rows of texts: one place that says where each version keeps what.
     U+FDD0 ends a cell, U+FDD1 a booking, U+FDD2 a statement: noncharacters, which are no text of
     anybody's (Unicode 16.0, 23.7) and are taken out of any text that has them.
     The order of the cells is that of `bookings.py`. Where versions differ, a union holds what either has. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:c="{namespace}" exclude-result-prefixes="c">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/">
    <xsl:for-each select="c:Document/*/c:Stmt | c:Document/*/c:Ntfctn">
      <xsl:for-each select="c:Ntry">
        <xsl:variable name="details" select="c:NtryDtls/c:TxDtls"/>
        <!-- Details of several transfers are those of no one: such a line stands for their sum. -->
        <xsl:variable name="one" select="$details[last() = 1]"/>
        <xsl:variable name="credited" select="c:CdtDbtInd = 'CRDT'"/>
        <xsl:variable name="parties" select="$one/c:RltdPties"/>
        <xsl:variable name="party" select="$parties/c:Dbtr[$credited] | $parties/c:Cdtr[not($credited)]"/>
        <xsl:variable name="account" select="$parties/c:DbtrAcct[$credited] | $parties/c:CdtrAcct[not($credited)]"/>
        <xsl:variable name="agents" select="$one/c:RltdAgts"/>
        <xsl:variable name="agent" select="$agents/c:DbtrAgt[$credited] | $agents/c:CdtrAgt[not($credited)]"/>
        <xsl:variable name="institution" select="$agent/c:FinInstnId"/>
        <xsl:variable name="stated" select="c:NtryDtls/c:Btch/c:NbOfTxs"/>
        <xsl:variable name="domain" select="c:BkTxCd/c:Domn"/>
        <xsl:value-of select="c:Amt/@Ccy"/><xsl:text>&#xFDD0;</xsl:text>
        <xsl:value-of select="c:Amt"/><xsl:text>&#xFDD0;</xsl:text>
        <xsl:value-of select="c:CdtDbtInd"/><xsl:text>&#xFDD0;</xsl:text>
        <xsl:value-of select="translate(c:Sts/c:Cd | c:Sts/c:Prtry | c:Sts[not(*)], '&#xFDD0;&#xFDD1;&#xFDD2;', '')"/>
        <xsl:text>&#xFDD0;</xsl:text>
        <xsl:value-of select="c:RvslInd"/><xsl:text>&#xFDD0;</xsl:text>
        <xsl:value-of select="c:BookgDt/c:Dt | c:BookgDt/c:DtTm"/><xsl:text>&#xFDD0;</xsl:text>
        <xsl:value-of select="c:ValDt/c:Dt | c:ValDt/c:DtTm"/><xsl:text>&#xFDD0;</xsl:text>
        <xsl:value-of select="translate(c:NtryRef, '&#xFDD0;&#xFDD1;&#xFDD2;', '')"/><xsl:text>&#xFDD0;</xsl:text>
        <xsl:value-of select="translate(c:AcctSvcrRef, '&#xFDD0;&#xFDD1;&#xFDD2;', '')"/><xsl:text>&#xFDD0;</xsl:text>
        <xsl:choose>
          <xsl:when test="$domain">
            <xsl:value-of select="translate(concat($domain/c:Cd, '/', $domain/c:Fmly/c:Cd, '/', $domain/c:Fmly/c:SubFmlyCd), '&#xFDD0;&#xFDD1;&#xFDD2;', '')"/>
          </xsl:when>
          <xsl:otherwise>
            <xsl:value-of select="translate(c:BkTxCd/c:Prtry/c:Cd, '&#xFDD0;&#xFDD1;&#xFDD2;', '')"/>
          </xsl:otherwise>
        </xsl:choose>
        <xsl:text>&#xFDD0;</xsl:text>
        <xsl:value-of select="translate($one/c:Refs/c:EndToEndId, '&#xFDD0;&#xFDD1;&#xFDD2;', '')"/>
        <xsl:text>&#xFDD0;</xsl:text>
        <xsl:choose>
          <xsl:when test="$stated"><xsl:value-of select="$stated"/></xsl:when>
          <xsl:otherwise><xsl:value-of select="count($details)"/></xsl:otherwise>
        </xsl:choose>
        <xsl:text>&#xFDD0;</xsl:text>
        <xsl:value-of select="translate($party/c:Pty/c:Nm | $party/c:Nm, '&#xFDD0;&#xFDD1;&#xFDD2;', '')"/>
        <xsl:text>&#xFDD0;</xsl:text>
        <xsl:value-of select="translate($account/c:Id/c:IBAN | $account/c:Id/c:Othr/c:Id, '&#xFDD0;&#xFDD1;&#xFDD2;', '')"/>
        <xsl:text>&#xFDD0;</xsl:text>
        <xsl:value-of select="translate($institution/c:BICFI | $institution/c:BIC | $institution/c:ClrSysMmbId/c:MmbId | $institution/c:Othr/c:Id, '&#xFDD0;&#xFDD1;&#xFDD2;', '')"/>
        <xsl:text>&#xFDD0;</xsl:text>
        <xsl:variable name="remittance" select="$one/c:RmtInf/c:Ustrd[normalize-space()]"/>
        <xsl:choose>
          <xsl:when test="$remittance">
            <xsl:for-each select="$remittance">
              <xsl:if test="position() > 1"><xsl:text> </xsl:text></xsl:if>
              <xsl:value-of select="translate(., '&#xFDD0;&#xFDD1;&#xFDD2;', '')"/>
            </xsl:for-each>
          </xsl:when>
          <xsl:otherwise>
            <xsl:value-of select="translate(c:AddtlNtryInf, '&#xFDD0;&#xFDD1;&#xFDD2;', '')"/>
          </xsl:otherwise>
        </xsl:choose>
        <xsl:text>&#xFDD1;</xsl:text>
      </xsl:for-each>
      <xsl:text>&#xFDD2;</xsl:text>
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
