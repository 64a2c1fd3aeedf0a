using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.CommandLine;

/// <summary>An archive with a little of everything, for commands that only look.</summary>
public sealed class FiledArchive : IAsyncLifetime
{
    internal IntakeSite Site { get; } = new();

    internal static byte[] Letter { get; } = A.Pdf().WithTextLayer("Mr O'Brien was admitted on 2024-01-15 with chest pain.").Pages(3).ToBytes();

    internal static byte[] FirstPlan { get; } = A.Pdf().WithTextLayer("Care plan, first draft").ToBytes();

    internal static byte[] SecondPlan { get; } = A.Pdf().WithTextLayer("Care plan, second draft").ToBytes();

    internal string LetterId { get; private set; } = "";

    internal string PlanId { get; private set; } = "";

    internal string DamagedId { get; private set; } = "";

    internal string QuarantinedId { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Site.Profile["documentKeyPattern"] = "^(?<key>K[0-9]+)_";
        Site.Profile["sidecar"] = "optional";
        Site.Put("letter.pdf", Letter);
        Site.Put("letter.pdf.json", Encoding.UTF8.GetBytes("""{"fields": {"ward": "7 \"north\"", "\u001b[2J": "cleared"}}"""));
        Site.Put("K1_a.pdf", FirstPlan);
        Site.Put("K1_b.pdf", SecondPlan);
        Site.Put("torn.pdf", Encoding.ASCII.GetBytes("%PDF-1.4\nnothing follows\n%%EOF\n"));
        Site.Put("list.txt", Encoding.UTF8.GetBytes("eggs, milk\n"));
        var lines = await Site.LinesAsync("ingest", Site.Drop, "--move");
        LetterId = IdOf(lines, "letter.pdf");
        PlanId = IdOf(lines, "K1_b.pdf");
        DamagedId = IdOf(lines, "torn.pdf");
        QuarantinedId = IdOf(lines, "list.txt");
    }

    public ValueTask DisposeAsync()
    {
        Site.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string IdOf(List<JsonElement> lines, string name) =>
        lines.Single(line => line.Text("file").EndsWith("/" + name, StringComparison.Ordinal)).Text("id");
}
