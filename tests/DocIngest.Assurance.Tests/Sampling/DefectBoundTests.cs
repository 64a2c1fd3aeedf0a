using DocIngest.Assurance.Sampling;

namespace DocIngest.Assurance.Tests.Sampling;

public sealed class DefectBoundTests
{
    // As other programs compute the bound of Clopper and Pearson (one-sided, 95 %), in percent.
    [Theory]
    [InlineData(299, 0, 0.997)]
    [InlineData(299, 1, 1.58)]
    [InlineData(299, 2, 2.09)]
    [InlineData(299, 3, 2.57)]
    [InlineData(459, 0, 0.65)]
    [InlineData(459, 3, 1.68)]
    [InlineData(1_000, 0, 0.30)]
    [InlineData(1_000, 3, 0.77)]
    public void Bounds_are_those_of_Clopper_and_Pearson(long sampled, long defective, double percent) =>
        Assert.Equal(percent, DefectBound.Upper(sampled, defective, 0.95m) * 100, tolerance: 0.005);

    [Fact]
    public void Many_objects_do_not_run_out_of_the_range_of_numbers()
    {
        Assert.Equal(3.0 / 10_000_000, DefectBound.Upper(10_000_000, 0, 0.95m), tolerance: 1e-8);
        Assert.InRange(DefectBound.Upper(1_000_000, 500_000, 0.95m), 0.5, 0.501);
    }

    [Fact]
    public void Where_all_are_defective_nothing_is_promised() => Assert.Equal(1, DefectBound.Upper(5, 5, 0.95m));

    [Fact]
    public void More_defective_objects_make_a_higher_bound()
    {
        double[] bounds = [.. Enumerable.Range(0, 50).Select(defective => DefectBound.Upper(50, defective, 0.99m))];
        Assert.Equal(bounds.Order(), bounds);
        Assert.Equal(bounds.Distinct().Count(), bounds.Length);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, -1)]
    [InlineData(5, 6)]
    public void What_makes_no_sense_is_refused(long sampled, long defective) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => DefectBound.Upper(sampled, defective, 0.95m));
}
