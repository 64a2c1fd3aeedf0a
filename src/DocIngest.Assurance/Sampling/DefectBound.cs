namespace DocIngest.Assurance.Sampling;

/// <summary>What a sample says of the rate of defective objects: the exact one-sided upper bound of Clopper and Pearson.</summary>
/// <remarks>By the binomial distribution, which for a population that is not much larger than the sample says a little more than there is: never less.</remarks>
public static class DefectBound
{
    private const int Halvings = 60;   // to the last bit of a double between 0 and 1, and a few more

    /// <summary>The rate of defective objects that is not exceeded, with this confidence.</summary>
    /// <param name="sampled">Objects drawn, 1 or more.</param>
    /// <param name="defective">How many of them are defective, 0 to <paramref name="sampled"/>.</param>
    /// <param name="confidence">Above 0, below 1.</param>
    /// <returns>0 to 1: the rate at which so few defective ones would be drawn with a probability of only 1 − confidence.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value beyond its bounds.</exception>
    public static double Upper(long sampled, long defective, decimal confidence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampled, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(defective);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(defective, sampled);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(confidence, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(confidence, 1);
        if (defective == sampled)
        {
            return 1;
        }

        double least = (double)(1 - confidence);
        double low = (double)defective / sampled;
        double high = 1;
        for (int halving = 0; halving < Halvings; halving++)
        {
            double rate = (low + high) / 2;
            if (ProbabilityOfAtMost(defective, sampled, rate) > least)
            {
                low = rate;
            }
            else
            {
                high = rate;
            }
        }

        return high;
    }

    // The terms of the binomial distribution up to k, each from the one before it; by logarithms, since (1−p)^n is soon below what a double holds.
    private static double ProbabilityOfAtMost(long defective, long sampled, double rate)
    {
        double log = sampled * Math.Log(1 - rate);
        double sum = Math.Exp(log);
        double odds = Math.Log(rate) - Math.Log(1 - rate);
        for (long drawn = 1; drawn <= defective; drawn++)
        {
            log += Math.Log((double)(sampled - drawn + 1) / drawn) + odds;
            sum += Math.Exp(log);
        }

        return sum;
    }
}
