using System.Text.Json;

namespace DocIngest.Backup.Trees;

/// <summary>Reads the nodes of a tree blob one by one. Takes whatever restic takes, and tells what is odd about each node.</summary>
/// <remarks>
/// <para>Fields in any order, unknown fields, white space, a missing line feed and unsorted nodes are all read (restic-format 9.9, 17).
/// A repeated field counts with its last value, as in Go.</para>
/// <para>For one thread. The blob must stay unchanged meanwhile.</para>
/// </remarks>
internal sealed class TreeReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 1000 };   // what is deeper than a node is unknown and skipped

    private readonly ReadOnlyMemory<byte> _blob;
    private readonly NodeParser _parser = new();
    private JsonReaderState _state = new(Options);
    private int _offset;
    private bool _isAtEnd;
    private int _count;
    private FileName _last;

    // Every name so far, once the tree has turned out to be unsorted.
    private HashSet<FileName>? _names;

    /// <exception cref="MalformedTreeException">The blob does not begin like a tree.</exception>
    internal TreeReader(ReadOnlyMemory<byte> blob)
    {
        _blob = blob;
        Guarded(Open);
    }

    /// <summary>The node that <see cref="Read"/> found.</summary>
    internal Node Current { get; private set; } = null!;   // as in any enumerator: not to be asked before the first Read

    /// <summary>What is odd about <see cref="Current"/>.</summary>
    internal NodeFaults Faults { get; private set; }

    /// <summary>Every node of a blob, faults aside.</summary>
    /// <exception cref="MalformedTreeException">The blob is no tree.</exception>
    internal static List<Node> ReadAll(ReadOnlyMemory<byte> blob)
    {
        var nodes = new List<Node>();
        for (var tree = new TreeReader(blob); tree.Read();)
            nodes.Add(tree.Current);
        return nodes;
    }

    /// <summary>Goes to the next node; false after the last.</summary>
    /// <exception cref="MalformedTreeException">The blob is no tree from here on. The nodes before are not to be trusted either.</exception>
    internal bool Read()
    {
        if (_isAtEnd)
            return false;
        Guarded(Step);
        return !_isAtEnd;
    }

    private delegate void Parsing(ref Utf8JsonReader json);

    /// <summary>Goes on where the last call stopped, and makes one error of all that can be wrong.</summary>
    private void Guarded(Parsing step)
    {
        var json = new Utf8JsonReader(_blob.Span[_offset..], isFinalBlock: true, _state);
        try
        {
            step(ref json);
        }
        catch (JsonException error)
        {
            throw new MalformedTreeException("The tree is no well-formed JSON.", error);
        }

        _offset += (int)json.BytesConsumed;
        _state = json.CurrentState;
    }

    private void Open(ref Utf8JsonReader json)
    {
        Demand(json.Read() && json.TokenType is JsonTokenType.StartObject, "The tree is no JSON object.");
        while (Next(ref json) is JsonTokenType.PropertyName)
        {
            bool isNodes = json.ValueTextEquals("nodes"u8);
            Next(ref json);
            if (isNodes && json.TokenType is JsonTokenType.StartArray)
                return;
            if (isNodes)
            {
                Demand(json.TokenType is JsonTokenType.Null, "The tree's nodes are no list.");
                Close(ref json);
                return;
            }

            json.Skip();
        }

        throw new MalformedTreeException("The tree has no list of nodes.");
    }

    private void Step(ref Utf8JsonReader json)
    {
        ReadNode(ref json);
        if (_isAtEnd)
            return;
        Faults = NodeFaultFinder.Find(Current) | OrderFaults();
        _last = Current.Name;
        _count++;
    }

    private void ReadNode(ref Utf8JsonReader json)
    {
        if (Next(ref json) is JsonTokenType.EndArray)
            Close(ref json);
        else
            Current = _parser.Parse(ref json);
    }

    /// <summary>Reads what follows the nodes, to the end of the blob.</summary>
    private void Close(ref Utf8JsonReader json)
    {
        while (Next(ref json) is JsonTokenType.PropertyName)
        {
            Demand(!json.ValueTextEquals("nodes"u8), "The tree has two lists of nodes.");
            Next(ref json);
            json.Skip();
        }

        Demand(!json.Read(), "Something follows the tree.");
        _isAtEnd = true;
    }

    private NodeFaults OrderFaults()
    {
        int order = _count == 0 ? -1 : _last.CompareTo(Current.Name);
        if (_names is null && order <= 0)
            return order == 0 ? NodeFaults.OutOfOrder | NodeFaults.DuplicateName : NodeFaults.None;

        _names ??= NamesSoFar();
        return (order < 0 ? NodeFaults.None : NodeFaults.OutOfOrder) | (_names.Add(Current.Name) ? NodeFaults.None : NodeFaults.DuplicateName);
    }

    /// <summary>Reads the first nodes again: trees are sorted, so nobody keeps their names.</summary>
    private HashSet<FileName> NamesSoFar()
    {
        var names = new HashSet<FileName>();
        var again = new TreeReader(_blob);
        for (int i = 0; i < _count; i++)
        {
            again.Guarded(again.ReadNode);
            names.Add(again.Current.Name);
        }

        return names;
    }

    private static JsonTokenType Next(ref Utf8JsonReader json)
    {
        Demand(json.Read(), "The tree ends too early.");
        return json.TokenType;
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
            throw new MalformedTreeException(otherwise);
    }
}
