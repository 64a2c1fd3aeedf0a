using System.Reflection;
using DocIngest.Archive;
using DocIngest.Assurance.Reports;
using DocIngest.Backup.Repositories;
using DocIngest.Pipeline;
using DocIngest.Storage;
using DocIngest.Worker.CommandLine;
using NetArchTest.Rules;

namespace DocIngest.Worker.Tests.Promises;

/// <summary>What project references cannot hold (DESIGN section 3, STYLE section 1).</summary>
public sealed class ArchitectureTests
{
    private const string Pipeline = "DocIngest.Pipeline.";

    /// <summary>
    /// What each room of the pipeline may name, besides <c>Records</c>, <c>Formats</c> and the root. A stage not listed as a neighbour stays
    /// unknown: the order is IngestPipeline's alone.
    /// </summary>
    private static readonly Dictionary<string, string[]> MayName = new()
    {
        // Shared by the stages: data and custody.
        ["Records"] = [],
        ["Formats"] = [],
        ["Database"] = [],
        ["SystemObjects"] = ["Filing"],   // locks and results of a commit
        ["Ledger"] = ["Database"],
        ["Audit"] = ["Ledger", "Database", "SystemObjects", "Signatures"],   // acts that stand in the ledger; closed days are system objects
        ["Pages"] = [],
        ["Scans"] = ["Ledger", "Classification", "Extraction", "Pages", "Splitting", "Collation"],   // what was found of a scan

        // The stages.
        ["Intake"] = ["Scans", "Ledger", "Database", "Classification", "Receipts"],   // the key is claimed with the scan; what is left in the folder is looked after at each look
        ["Recognition"] = [],
        ["Extraction"] = [],
        ["Classification"] = [],
        ["Filing"] = ["Audit", "Scans", "Ledger", "Database", "Classification", "Extraction", "Catalog", "Pages", "Splitting", "Collation", "SystemObjects"],   // record and catalog row are one transaction
        ["Catalog"] = ["Database"],
        ["Receipts"] = ["Audit", "Scans", "Ledger", "Database"],

        // Between reading and filing, and before the copy of a part.
        ["Splitting"] = ["Scans", "Ledger", "Database", "Pages", "Recognition", "Extraction", "Classification", "Filing"],
        ["Collation"] = ["Scans", "Ledger", "Database", "Pages", "Recognition", "Extraction", "Classification", "Filing", "Catalog"],

        // How long records are kept. Numbers and classes are compared as classification does.
        ["Retention"] = ["SystemObjects", "Database", "Classification", "Catalog", "Holds", "People"],

        // Who may decide, what they sign, and what may not be destroyed.
        ["Signatures"] = [],
        ["People"] = ["SystemObjects", "Signatures"],
        ["Disclosures"] = ["SystemObjects"],
        ["Holds"] = ["SystemObjects", "People", "Classification"],

        // Nothing is destroyed before a recovery was accepted.
        ["Recovering"] = ["SystemObjects"],

        // How records leave: whatever knows of one must forget it.
        ["Disposition"] = ["Recovering", "Audit", "Scans", "Ledger", "Database", "Filing", "Catalog", "Receipts", "SystemObjects", "Retention", "Holds", "People", "Signatures"],

        // Counts of what all of them left in the tables.
        ["Statistics"] = ["Database", "Catalog", "Retention", "Disposition"],

        // Runs of jobs: the chain has them, the table is taken from it.
        ["Runs"] = ["Audit", "Database", "Ledger"],
        ["Verification"] = ["Database", "Ledger"],   // the connection of a transaction

        // Versions without a scan: what recognition to catalog do for a scan, in one.
        ["Revisions"] = ["Audit", "Scans", "Ledger", "Database", "Pages", "Recognition", "Extraction", "Classification", "Filing", "Catalog", "Collation"],
    };

    [Fact]
    public void Every_room_of_the_pipeline_is_known_here()
    {
        var rooms = typeof(DataFolder).Assembly.GetTypes()
            .Where(type => type.Namespace?.StartsWith(Pipeline, StringComparison.Ordinal) == true)
            .Select(type => type.Namespace![Pipeline.Length..].Split('.')[0]).Distinct();   // '!': filtered above
        Assert.Equal(MayName.Keys.Order(StringComparer.Ordinal), rooms.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_stage_names_no_stage_but_those_it_may()
    {
        foreach (var (room, allowed) in MayName)
        {
            string[] forbidden =
            [
                .. MayName.Keys.Except([room, "Records", "Formats", .. allowed]).Select(other => Pipeline + other),
            ];
            var result = Types.InAssembly(typeof(DataFolder).Assembly)
                .That().ResideInNamespaceStartingWith(Pipeline + room)
                .ShouldNot().HaveDependencyOnAny(forbidden).GetResult();
            Assert.True(result.IsSuccessful, $"{room}: {string.Join(", ", result.FailingTypeNames ?? [])}");
        }
    }

    [Fact]
    public void Projects_point_one_way()
    {
        Assert.Empty(Ours(typeof(IDurableFolder).Assembly));
        Assert.Equal(["DocIngest.Storage"], Ours(typeof(OcflStorageRoot).Assembly));
        Assert.Equal(["DocIngest.Storage"], Ours(typeof(Repository).Assembly));
        Assert.Equal(["DocIngest.Archive", "DocIngest.Storage"], Ours(typeof(DataFolder).Assembly));
        Assert.Subset(new HashSet<string> { "DocIngest.Archive", "DocIngest.Backup", "DocIngest.Pipeline", "DocIngest.Storage" }, Ours(typeof(AssuranceReport).Assembly).ToHashSet());
    }

    [Theory]
    [InlineData("Serilog")]
    [InlineData("System.CommandLine")]
    [InlineData("Spectre.Console")]
    [InlineData("Quartz")]
    [InlineData("Microsoft.AspNetCore")]
    public void Only_the_worker_knows(string library)
    {
        foreach (var assembly in new[] { typeof(IDurableFolder), typeof(OcflStorageRoot), typeof(Repository), typeof(DataFolder), typeof(AssuranceReport) }.Select(type => type.Assembly))
        {
            Assert.DoesNotContain(assembly.GetReferencedAssemblies(), reference => reference.Name?.StartsWith(library, StringComparison.Ordinal) == true);
        }
    }

    [Fact]
    public void Only_storage_knows_Azure()
    {
        foreach (var assembly in new[] { typeof(OcflStorageRoot), typeof(DataFolder), typeof(AssuranceReport), typeof(DocIngestProgram) }.Select(type => type.Assembly))
        {
            Assert.DoesNotContain(assembly.GetReferencedAssemblies(), reference => reference.Name?.StartsWith("Azure.", StringComparison.Ordinal) == true);
        }
    }

    [Theory]
    [InlineData("Microsoft.Data.Sqlite")]
    [InlineData("UglyToad")]
    public void Storage_archive_and_backup_know_no(string library)
    {
        foreach (var assembly in new[] { typeof(IDurableFolder), typeof(OcflStorageRoot), typeof(Repository) }.Select(type => type.Assembly))
        {
            Assert.DoesNotContain(assembly.GetReferencedAssemblies(), reference => reference.Name?.StartsWith(library, StringComparison.Ordinal) == true);
        }
    }

    [Fact]
    public void Only_the_database_and_its_tables_know_SQLite()
    {
        var result = Types.InAssembly(typeof(DataFolder).Assembly)
            .That().ResideInNamespaceStartingWith(Pipeline)
            .And().DoNotResideInNamespaceStartingWith(Pipeline + "Database").And().DoNotResideInNamespaceStartingWith(Pipeline + "Catalog")
            .And().DoNotHaveName("Alarms")   // must tell a failing database from a failing alarm
            .ShouldNot().HaveDependencyOn("Microsoft.Data.Sqlite.SqliteCommand").GetResult();
        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }

    private static IEnumerable<string> Ours(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Select(reference => reference.Name ?? "").Where(name => name.StartsWith("DocIngest.", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
}
