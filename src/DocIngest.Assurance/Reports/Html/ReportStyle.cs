namespace DocIngest.Assurance.Reports.Html;

/// <summary>How the page looks, on screen and on A4.</summary>
internal static class ReportStyle
{
    public const string Css = """

        @page { size: A4; margin: 16mm 15mm; }
        * { box-sizing: border-box; }
        body { font: 15px/1.45 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; color: #1b1f24; max-width: 50em; margin: 2em auto; padding: 0 1em; }
        .what, .when { color: #57606a; margin: .2em 0; }
        h1 { font-size: 2.1em; margin: .1em 0; padding: .25em .5em; border: 3px solid; border-radius: .25em; }
        h1.good { background: #e6f4ea; } h1.middling { background: #fff4d6; } h1.bad { background: #fde8e8; }
        .good { color: #0b6b2f; } .middling { color: #7a5200; } .bad { color: #a40e26; }
        .lead { font-size: 1.15em; margin: .5em 0 .2em; }
        .bound { border-left: 4px solid #57606a; padding: .2em .8em; margin: .8em 0; }
        h2 { font-size: 1.05em; margin: 1.2em 0 .3em; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: .25em .7em .25em 0; border-bottom: 1px solid #d0d7de; }
        th { font-weight: 600; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
        td.id { font: .82em/1.4 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
        code { font-size: .85em; overflow-wrap: anywhere; } small { color: #57606a; }
        ul { margin: .2em 0; padding-left: 1.2em; }
        svg { max-width: 100%; height: auto; } svg text { font-size: 13px; fill: #1b1f24; }
        .track { fill: #eaeef2; } .bar { fill: #3b6ea5; } svg .good { fill: #2c8a4b; } svg .middling { fill: #d39b22; } svg .bad { fill: #c0392b; }
        .day { white-space: nowrap; } .times td { white-space: nowrap; } .times small { white-space: normal; } .sign td { border-top: 1px solid #57606a; border-bottom: none; padding-top: .3em; width: 33%; color: #57606a; }
        .sign { border-spacing: 2em 0; border-collapse: separate; margin-top: 4em; }
        @media print { body { font-size: 11.5px; margin: 0; max-width: none; padding: 0; } .details { break-before: page; } tr, svg, h2 { break-inside: avoid; } h2 { break-after: avoid; }
          * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }

        """;
}
