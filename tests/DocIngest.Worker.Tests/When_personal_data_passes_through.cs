using System.Text;
using System.Text.Json.Nodes;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests;

/// <summary>The canary (STYLE 9): a mark in every place that may hold personal data must not come out in any log or on the service's console.</summary>
public sealed class When_personal_data_passes_through
{
    private const string Mark = "Xanthippe-Canary";

    [Fact]
    public async Task No_log_has_it_even_at_the_lowest_level()
    {
        using var site = new IntakeSite();
        site.Config["logging"] = new JsonObject { ["level"] = "verbose" };
        site.Profile["sidecar"] = "optional";
        site.Profile["documentKeyPattern"] = "(?<key>" + Mark + "[0-9]+)";
        var files = new (string Name, byte[] Content)[]
        {
            ($"{Mark}1.pdf", A.Pdf().WithTextLayer($"Patient {Mark}").WithInformation("Title", Mark).ToBytes()),
            ($"{Mark}1 again.pdf", A.Pdf().WithTextLayer($"Patient {Mark}, second").ToBytes()),
            ($"{Mark}/torn {Mark}.pdf", Encoding.ASCII.GetBytes($"%PDF-1.4\n{Mark} << /Type /{Mark}\n%%EOF\n")),
            ($"{Mark}.tif", Encoding.ASCII.GetBytes($"II*\0{Mark}")),
            ($"{Mark} locked.pdf", A.Pdf().WithTextLayer(Mark).EncryptedWith(Mark).ToBytes()),
            ($"{Mark}.txt", Encoding.UTF8.GetBytes(Mark)),
        };
        foreach (var (name, content) in files)
        {
            site.Put(name, content);
        }

        // Every rule finds the mark, one takes too long with it.
        File.WriteAllText(Path.Combine(site.Root, "rules.json"), $$"""
            { "ruleLimit": "00:00:00.01", "rules": [
              { "name": "found", "when": [ { "phrase": "{{Mark}}" } ], "title": "{name}", "documentKey": "{name}", "tags": [ "x" ],
                "fields": [ { "name": "name", "regex": "{{Mark}}.*" } ] },
              { "name": "slow", "when": [ { "regex": "^(?!z)(\\w|\\w\\w| |-)+\\d\\d!$" } ], "tags": [ "y" ] } ] }
            """);
        File.WriteAllText(site[$"{Mark}1.pdf.json"], $$"""{ "fields": { "name": "{{Mark}}" } }""");
        File.WriteAllText(site[$"{Mark}.tif.json"], $$"""{ "{{Mark}}": """);
        File.CreateSymbolicLink(site[$"{Mark} link.pdf"], site[$"{Mark}1.pdf"]);
        site.Profile["incompleteAfter"] = "00:00:10";   // the torn ones are claimed after that

        using var service = await site.ServeAsync();
        await site.UntilAccountedAsync(files.Length);
        service.Signal(LibC.Terminate);
        string console = (await service.EndAsync()).Demand(0).Errors;
        (await site.RunAsync("find", Mark)).Demand(0);
        Assert.NotEmpty(await site.LinesAsync("find", Mark));   // the mark did pass through

        var logs = Directory.EnumerateFiles(Path.Combine(site.Data, "logs")).ToList();
        Assert.NotEmpty(logs);
        Assert.Contains("\"@l\":\"Debug\"", string.Concat(logs.Select(File.ReadAllText)), StringComparison.Ordinal);   // verbose indeed
        foreach (string text in logs.Select(File.ReadAllText).Append(console))
        {
            Assert.DoesNotContain(Mark, text, StringComparison.OrdinalIgnoreCase);
        }

        // Nor has the audit (I6).
        foreach (string file in Directory.EnumerateFiles(Path.Combine(site.Data, "audit")))
        {
            Assert.DoesNotContain(Mark, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.OrdinalIgnoreCase);
        }

        // Nor has any path or inventory of the archive (I6).
        foreach (string path in Directory.EnumerateFileSystemEntries(Path.Combine(site.Data, "archive"), "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(Mark, path, StringComparison.OrdinalIgnoreCase);
            if (path.EndsWith("inventory.json", StringComparison.Ordinal))
            {
                Assert.DoesNotContain(Mark, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), StringComparison.OrdinalIgnoreCase);
            }
        }
    }
}
