using System.Text;
using DocIngest.Assurance.Reports.Html;

namespace DocIngest.Assurance.Reports;

/// <summary>How somebody with nothing but <c>openssl</c> checks a report (<c>VERIFY.txt</c>). Its commands are run by a test.</summary>
internal static class VerifyText
{
    public static byte[] Write(AssuranceReport report, string fingerprint)
    {
        var text = new StringBuilder();
        text.Append($"""
            How to check this report without the program that made it
            =========================================================
            {Words.TitleOf(report.Kind)}, run {report.Run.Number}, {report.ReportId}

            Unpack the zip, open a shell in its folder (Linux, macOS, or Git for Windows) and enter the
            lines that begin with four blanks.

            1. IS THE CERTIFICATE THE RIGHT ONE? Everything below rests on this. Compare

                openssl x509 -in signer.pem -noout -fingerprint -sha256

               with the fingerprint that you were given ON PAPER by the organisation, not with one in
               this file or in the report: whoever forges a report forges those too.
               (This report says: {fingerprint})

            2. IS THE REPORT GENUINE? Both must print "CMS Verification successful".

                openssl cms -verify -binary -noverify -nointern -certfile signer.pem -inform DER -in report.json.p7s -content report.json -out /dev/null
                openssl cms -verify -binary -noverify -nointern -certfile signer.pem -inform DER -in report.html.p7s -content report.html -out /dev/null

               Type them as they stand. Without -binary a genuine report fails; without -nointern a
               forged one, with a certificate of its own inside, passes.

            3. ARE THE SINGLE RESULTS THOSE OF THE REPORT? This prints 1 where the digest of the list stands
               in the report that you have just verified, 0 where the list is another one.

                sha512sum items.jsonl | cut -c1-128 | grep -cFf - report.json


            """);
        Sample(text, report);
        text.Append($"""
            {(report.Sample is null ? 4 : 5)}. IS IT ONE OF A WHOLE ROW? report.json says which report came before it ("previousReportId",
               "previousSha512"), and the number of its run ("number"), which has no gaps: ask for the
               report before, and for the reports of runs that failed. When it was signed, as the signer says:

                openssl cms -cmsout -print -noout -inform DER -in report.json.p7s | grep -A2 signingTime


            """);
        return Encoding.UTF8.GetBytes(text.ToString().ReplaceLineEndings("\n"));
    }

    private static void Sample(StringBuilder text, AssuranceReport report)
    {
        if (report.Sample is not { } sample)
        {
            return;
        }

        text.Append($"""
            4. WAS THE SAMPLE DRAWN AS IT SAYS? The list that it was drawn from is population.txt; this
               prints 1 where it is that of the report.

                sha256sum population.txt | cut -c1-64 | grep -cFf - report.json

               The nonce is what you named before the run: {sample.Nonce}
               The head of the audit is the end of the chain at that moment; "docingest audit verify"
               or the loop in its documentation shows that it is in the chain. This prints the places in
               the list that the sample must consist of, from 0, one a line. (The script has 20 lines:
               read it, or use one that you got elsewhere. This file and the script are not signed.)

                python3 draw-sample.py {sample.Nonce} {sample.AuditHead} {report.Population.Count} {sample.Size}

               and this the ids that were checked:

                grep '"drawn":true' items.jsonl


            """);
    }
}
