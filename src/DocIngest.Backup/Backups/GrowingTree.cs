using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Backups;

/// <summary>The tree of a folder while its nodes come in. They stand in the order of names, but are complete in any order.</summary>
/// <remarks>What is complete up to the first that is not, is written already: a folder of a million files takes the memory of its tree alone.</remarks>
internal sealed class GrowingTree
{
    private readonly TreeWriter _tree = new();
    private readonly Queue<Task<Node?>> _waiting = new();

    /// <summary>Adds the next node; null when it is complete where the entry has turned out not to be there.</summary>
    internal async ValueTask AddAsync(Task<Node?> node)
    {
        _waiting.Enqueue(node);
        while (_waiting.TryPeek(out var next) && next.IsCompleted)
            Write(await _waiting.Dequeue());
    }

    /// <summary>Waits for all nodes.</summary>
    /// <returns>The tree's blob.</returns>
    internal async Task<ReadOnlyMemory<byte>> FinishAsync()
    {
        while (_waiting.TryDequeue(out var next))
            Write(await next);
        return _tree.Finish();
    }

    private void Write(Node? node)
    {
        if (node is not null)
            _tree.Add(node);
    }
}
