using DocIngest.Assurance.Population;
using DocIngest.Assurance.Reports;
using DocIngest.Storage;

namespace DocIngest.Assurance.Runs;

/// <summary>The lists of a report while they are written: in the run's folder, since they may be long.</summary>
internal sealed class RunLists : IDisposable
{
    private const string ItemsFile = "items";
    private const string PopulationFile = "population";

    private readonly IDurableFolder _folder;
    private readonly Stream _items;

    public RunLists(IDurableFolder folder)
    {
        _folder = folder;
        _items = new BufferedStream(folder.Create(ItemsFile), 128 * 1024);
        Items = new ReportItemsWriter(_items);
    }

    /// <summary>Takes single results.</summary>
    public ReportItemsWriter Items { get; }

    /// <summary>Writes the list that a sample is drawn from.</summary>
    public ReportedPopulation Write(RecordPopulation population)
    {
        using var file = new BufferedStream(_folder.Create(PopulationFile), 128 * 1024);
        return population.Write(file);
    }

    /// <summary>Ends the list of items.</summary>
    public ReportedItems Close()
    {
        _items.Flush();
        return Items.ToReported();
    }

    /// <summary>Those of a report, to be filed with it.</summary>
    public static IReadOnlyDictionary<string, Func<Stream>> Of(AssuranceReport report, IDurableFolder? folder)
    {
        var lists = new Dictionary<string, Func<Stream>>(StringComparer.Ordinal)
        {
            [ReportFileNames.Items] = () => report.Items.Count > 0 && folder is not null ? folder.OpenRead(ItemsFile) : new MemoryStream(),
        };
        if (report.Sample is not null && folder is not null)
        {
            lists[ReportFileNames.Population] = () => folder.OpenRead(PopulationFile);
        }

        return lists;
    }

    public void Dispose()
    {
        Items.Dispose();
        _items.Dispose();
    }
}
